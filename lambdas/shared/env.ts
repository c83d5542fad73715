import { ConfigError } from './errors.ts';

/** @throws {ConfigError} naming the variable when it is missing or blank. */
export function requireEnv(env: NodeJS.ProcessEnv, key: string): string {
  const value = env[key]?.trim();
  if (!value) throw new ConfigError(`environment variable ${key} is required`);
  return value;
}

/** A whole number of at least `min`. @throws {ConfigError} naming the variable and its value. */
export function requireIntEnv(env: NodeJS.ProcessEnv, key: string, min = 1): number {
  const text = requireEnv(env, key);
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < min) {
    throw new ConfigError(`environment variable ${key} must be a whole number of at least ${min}, not "${text}"`);
  }
  return value;
}
