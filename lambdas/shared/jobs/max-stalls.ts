/**
 * After so many pauses in a row without progress the server's word is no longer taken: about 2.5 hours at the Hub's 5
 * minutes.
 */
export const MAX_STALLS = 30;
