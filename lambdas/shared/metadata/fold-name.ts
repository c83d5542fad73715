/** One spelling of a name: `Room Type`, `room-type`, `roomType` and `ROOM_TYPE` are all `roomtype`. */
export function foldName(name: string): string {
  const lower = name.toLowerCase();
  return /^[a-z0-9]*$/.test(lower) ? lower : lower.replace(/[^\p{L}\p{N}]+/gu, '');
}

/** Folded names of a table of aliases: to each its rows, with its place there. */
export function foldAliases<Key extends string>(
  table: Readonly<Record<Key, readonly string[]>>,
): ReadonlyMap<string, readonly { readonly key: Key; readonly rank: number }[]> {
  const folded = new Map<string, { key: Key; rank: number }[]>();
  for (const [key, names] of Object.entries(table) as [Key, readonly string[]][]) {
    for (const [rank, name] of names.entries()) {
      const entries = folded.get(foldName(name)) ?? [];
      entries.push({ key, rank });
      folded.set(foldName(name), entries);
    }
  }
  return folded;
}
