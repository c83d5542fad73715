declare module 'asl-validator' {
  interface Validation {
    readonly isValid: boolean;
    errorsText(separator?: string): string;
  }
  /** Changes `definition`: hand it a copy. */
  function validate(definition: object): Validation;
  export = validate;
}
