/** What extensions add to the example of `main.cf` that is written beside the lookup tables. */
import { type Contribution, contribute, slot, type Text } from '@posthorn/sdk';

export interface PostfixSetting {
  /**
   * A parameter of postconf(5). What several give for the same one stands below each other, in their order. Those of
   * `smtpd_recipient_restrictions` are asked once the domain is known to be ours, before recipients are verified.
   */
  readonly name: string;
  /** The value; `table('sql-x.cf')` is how `main.cf` names a lookup table of the same set. */
  value(table: (file: string) => string): string;
  /** Stands above it as a comment. */
  readonly note?: Text;
}
export const postfixSettings = slot<PostfixSetting>('admin.postfix-settings@1');
export const postfixSetting = (setting: PostfixSetting, o: { readonly order?: number } = {}): Contribution =>
  contribute(postfixSettings, setting, o);
