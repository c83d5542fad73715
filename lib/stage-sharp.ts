import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Architecture } from './environments.ts';

const ROOT = join(import.meta.dirname, '..');

/**
 * A `node_modules` folder that holds sharp for Linux on `architecture`, and nothing else. npm installs packages for the
 * machine that it runs on only, so that another architecture's is installed aside, once, with the versions of the
 * lockfile; `npm ci` does that ahead (`postinstall`), so that a synthesis needs no network.
 */
export function stageSharp(architecture: Architecture): string {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules/sharp/package.json'), 'utf8'));
  const stage = join(ROOT, 'node_modules/.cache/modomo', `sharp-${version}-linux-${architecture}`);
  const modules = join(stage, 'node_modules');
  if (existsSync(modules)) return modules;

  const draft = `${stage}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  writeFileSync(join(draft, 'package.json'), JSON.stringify({ dependencies: { sharp: version } }));
  writeFileSync(join(draft, 'package-lock.json'), JSON.stringify(sharpLock(version)));
  execFileSync(
    'npm',
    ['ci', '--silent', '--prefer-offline', '--ignore-scripts', '--os=linux', `--cpu=${architecture}`, '--libc=glibc'],
    { cwd: draft, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  rmSync(stage, { recursive: true, force: true });
  renameSync(draft, stage);
  return modules;
}

interface LockedPackage {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** The part of our lockfile that sharp reaches. */
function sharpLock(version: string): object {
  const { packages, lockfileVersion } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
    lockfileVersion: number;
  };
  const reached: Record<string, unknown> = {};
  const visit = (parent: string, name: string): void => {
    // a version that differs from the one at the top lies in the folder of the package that needs it
    const path = [`${parent}/node_modules/${name}`, `node_modules/${name}`].find((place) => place in packages);
    const locked = path && packages[path];
    if (!locked || path in reached) return;
    reached[path] = locked;
    for (const next of Object.keys({ ...locked.dependencies, ...locked.optionalDependencies })) visit(path, next);
  };
  visit('', 'sharp');
  return { lockfileVersion, requires: true, packages: { '': { dependencies: { sharp: version } }, ...reached } };
}

if (import.meta.main) {
  for (const architecture of ['arm64', 'x64'] as const) stageSharp(architecture);
}
