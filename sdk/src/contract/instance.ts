import { service } from '../service.js';
import type { DatabaseTarget } from './files.js';

/** Facts of this installation. @public @since 1.0.0 */
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
/** Facts of the installation. Provided by the kernel. @public @since 1.0.0 */
export const instance = service<Instance>('host.instance@1');
