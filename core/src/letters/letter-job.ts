import { type Contribution, job, messages, plainText, type Text } from '@posthorn/sdk';
import type { Kernel } from '../kernel.js';
import { kernelParameters } from '../parameters/kernel-parameters.js';
import { LETTER_JOB, type LettersService, type WaitingLetter } from './letters-service.js';
import { SmtpFailure, sendBySmtp } from './smtp.js';

const t = messages('host');
const HOUR_MS = 3_600_000;

/**
 * Sends one letter. What the server refuses for good, and what is too old, is reported and over; anything else is tried
 * again. More runs than fit into the longest time that letters may wait.
 */
export const letterJob = (kernel: () => Kernel, letters: LettersService): Contribution =>
  job({
    id: LETTER_JOB,
    title: t('Send a letter'),
    timeoutMs: 120_000,
    retries: 1_000,
    run: async (payload, context) => {
      const letter = payload as WaitingLetter;
      const giveUp = async (reason: Text): Promise<void> => {
        context.log.warn({ template: letter.template, reason: plainText(reason) }, 'a letter was given up');
        await context.report([
          {
            subject: letter.to,
            text: t('The letter {{template}} was not sent: {{reason}}', { template: letter.template, reason }),
          },
        ]);
      };
      const settings = await letters.settings();
      if (settings === undefined) return giveUp(t('No server for outgoing mail is set.'));
      try {
        const { id, to, language, at } = letter;
        await sendBySmtp(settings, { ...(await letters.open(letter)), id, to, language, date: new Date(at) });
      } catch (error) {
        if (!(error instanceof SmtpFailure)) throw error;
        const { letter_maximum_age: hours } = await kernel().parameters.read(kernelParameters);
        const isOld = context.now().getTime() - Date.parse(letter.at) > hours * HOUR_MS;
        if (!error.isFinal && !isOld) throw error;
        await giveUp(error.message);
      }
    },
  });
