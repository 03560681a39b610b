import { service } from '../service.js';
import type { DatabaseTarget } from './files.js';

/** Facts of this installation. @public @since 1.0.0 */
export interface Instance {
  /** Absolute path of its folder. */
  readonly directory: string;
  /** The machine's name, as the configuration says it. */
  readonly hostname: string;
  /** For links in documents and messages, without a trailing slash. */
  readonly baseUrl: string;
  /** For who has chosen none: a tag such as `en`. */
  readonly language: string;
  /** An IANA name such as `Europe/Berlin`. */
  readonly timeZone: string;
  /** Of the product. */
  readonly version: string;
  /** How programs beside us reach the database. */
  readonly database: DatabaseTarget;
}
/** Facts of the installation. Provided by the kernel. @public @since 1.0.0 */
export const instance = service<Instance>('host.instance@1');
