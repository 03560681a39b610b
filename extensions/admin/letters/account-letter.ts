import { type ExtensionContext, type Issue, instance, letters, messages, type Text } from '@posthorn/sdk';
import { adminParameters } from '../contract/parameters.js';

const t = messages('admin');

export interface LetteredAccount {
  readonly username: string;
  readonly first_name?: string | undefined;
  readonly last_name?: string | undefined;
  readonly secondary_email?: string | null | undefined;
  readonly language?: string | undefined;
}

/** What stands in the way of a letter about a new account. */
export async function accountLetterIssues(
  context: ExtensionContext,
  secondary: string | null | undefined,
): Promise<readonly Issue[]> {
  const complaint = (path: string, message: Text): Issue[] => [{ path, message: message as Issue['message'] }];
  if ((secondary ?? '') === '') return complaint('secondary_email', t('is needed to send a letter'));
  if (await context.get(letters).isSetUp()) return [];
  return complaint('send_letter', t('No server for outgoing mail is set.'));
}

/**
 * Tells the owner of a new account, at the secondary address. The password stands in it only where a parameter allows
 * that; call it in the transaction that makes the account.
 */
export async function sendAccountLetter(
  context: ExtensionContext,
  account: LetteredAccount,
  password: string | undefined,
): Promise<void> {
  const { account_letter_password: isAllowed } = await context.parameters(adminParameters);
  const name = `${account.first_name ?? ''} ${account.last_name ?? ''}`.trim();
  await context.get(letters).send({
    to: account.secondary_email ?? '',
    template: 'admin.new-account',
    ...(account.language === undefined ? {} : { language: account.language }),
    data: {
      username: account.username,
      name: name === '' ? account.username : name,
      password:
        isAllowed && password !== undefined
          ? t('Your password: {{password}}', { password })
          : t('You get the password from whoever made the account.'),
      installation: context.get(instance).baseUrl,
    },
  });
}
