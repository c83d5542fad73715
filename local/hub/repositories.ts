import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type HubSettings, readHubSettings } from './hub-settings.ts';

export interface Repository {
  /** `namespace/name` */
  readonly id: string;
  readonly folder: string;
  readonly settings: HubSettings;
}

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}$/;

/** The dataset repositories of some folders (`<folder>/<namespace>/<name>/…`) and of a mapping from id to folder, which goes first. */
export class Repositories {
  readonly #folders: readonly string[];
  readonly #mapping: Readonly<Record<string, string>>;

  constructor(folders: readonly string[], mapping: Readonly<Record<string, string>>) {
    this.#folders = folders;
    this.#mapping = mapping;
  }

  /** Where they are looked for, for messages. */
  get places(): string {
    return [...Object.keys(this.#mapping), ...this.#folders].join(', ') || 'any folder';
  }

  async find(id: string): Promise<Repository | undefined> {
    const [namespace = '', name = '', ...rest] = id.split('/');
    if (rest.length > 0 || !NAME.test(namespace) || !NAME.test(name)) return undefined;
    const mapped = Object.hasOwn(this.#mapping, id) ? this.#mapping[id] : undefined;
    const candidates = mapped === undefined ? this.#folders.map((folder) => join(folder, namespace, name)) : [mapped];
    for (const folder of candidates) {
      if (await isFolder(folder)) return { id, folder, settings: await readHubSettings(folder) };
    }
    return undefined;
  }

  /** The id of the repository that is also known by `name` alone. */
  async findCanonical(name: string): Promise<string | undefined> {
    if (!NAME.test(name)) return undefined;
    const mapped = Object.keys(this.#mapping).filter((id) => id.endsWith(`/${name}`));
    const listed = await Promise.all(this.#folders.map((folder) => readdir(folder)));
    for (const id of [...mapped, ...listed.flat().map((namespace) => `${namespace}/${name}`)]) {
      if ((await this.find(id))?.settings.canonical) return id;
    }
    return undefined;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
