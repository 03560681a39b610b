import { on } from '@posthorn/sdk';
import { transportSaved } from '@posthorn/transport/contract';

/** The action of access(5) that makes Postfix ask the next server. */
const VERIFY = 'reject_unverified_recipient';

/** Whether recipients are verified stands where Postfix looks it up, in the transaction that saves the transport. */
export const followTransport = on(transportSaved, async ({ transport }, { data }) => {
  const { pk, pattern, service, settings } = transport;
  const isDomain = !pattern.includes('@') && !pattern.startsWith('.');
  const wanted = isDomain && service === 'relay' && settings.verify_recipients === true;
  await data.execute('delete from relaydomains_recipientaccess where transport_id = ? or pattern = ?', [pk, pattern]);
  if (wanted) {
    await data.execute('insert into relaydomains_recipientaccess (pattern, action, transport_id) values (?, ?, ?)', [
      pattern,
      VERIFY,
      pk,
    ]);
  }
  return undefined;
});
