import { service } from '../service.js';
import type { DatabaseTarget } from './files.js';

/** Facts of this installation. */
export interface Instance {
  readonly directory: string;
  readonly hostname: string;
  /** For links in documents and messages, without a trailing slash. */
  readonly baseUrl: string;
  readonly language: string;
  readonly timeZone: string;
  readonly version: string;
  readonly database: DatabaseTarget;
}
export const instance = service<Instance>('host.instance@1');
