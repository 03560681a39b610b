import { randomUUID } from 'node:crypto';
import { letterTemplate, messages } from '@posthorn/sdk';
import { problem } from '../errors.js';
import { isAddress } from './address.js';
import type { LettersService } from './letters-service.js';
import { SmtpFailure, sendBySmtp } from './smtp.js';

const t = messages('host');

export const testTemplate = letterTemplate({
  id: 'test',
  title: t('Test'),
  subject: t('Test of the outgoing mail of {{installation}}'),
  text: t(`Hello,

this letter shows that {{installation}} can send mail. Nobody has to do anything.`),
  placeholders: { installation: t('Name of the installation') },
});

/**
 * Sends a letter at once, past the queue, and returns what the server answered. Throws E_LETTER_ADDRESS,
 * E_LETTER_NO_SERVER, and E_LETTER_NOT_SENT with the step and the answer that stopped it.
 */
export async function sendTestLetter(
  letters: LettersService,
  o: { readonly to: string; readonly language?: string | undefined },
): Promise<string> {
  if (!isAddress(o.to)) throw problem('E_LETTER_ADDRESS', { address: o.to }, { field: 'to' });
  const settings = await letters.settings();
  if (settings === undefined) throw problem('E_LETTER_NO_SERVER');
  const language = letters.language(o.language);
  const values = { installation: settings.senderName };
  const letter = letters.compose(await letters.text('core.test', language), values, language);
  try {
    return await sendBySmtp(settings, { ...letter, to: o.to, language, id: randomUUID(), date: new Date() });
  } catch (error) {
    if (!(error instanceof SmtpFailure)) throw error;
    throw problem('E_LETTER_NOT_SENT', { reason: error.message });
  }
}
