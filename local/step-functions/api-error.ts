/** An error that a client of the API gets: `type` is the exception's name in the service's model. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** @throws {ApiError} always; for the end of an expression. */
export function refuse(type: string, message: string): never {
  throw new ApiError(type, message);
}
