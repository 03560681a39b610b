/** A client of the API. `calls.ts` is made of the document that describes the API. */
export { ApiError, type Mistake } from './api-error.js';
export type { Calls } from './calls.js';
export { type Client, type ClientOptions, createClient, type Sent } from './client.js';
