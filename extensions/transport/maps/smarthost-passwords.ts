import type { RenderInput } from '@posthorn/sdk';
import { openSecrets } from '../services/settings.js';
import { TransportRows } from '../services/transport-rows.js';

/**
 * `smtp_sasl_password_maps` in the format of texthash (DATABASE_README): Postfix reads it as it is. In the database the
 * passwords are sealed, so that no lookup there could answer.
 */
export async function smarthostPasswords({ context }: RenderInput): Promise<string> {
  const rows = await new TransportRows(context).select('t.service = ?', ['smarthost'], 'order by t.pattern');
  const lines = rows.map(({ pattern, service, settings }) => {
    const { password = '' } = openSecrets(context, service, settings);
    return `${pattern} ${String(settings.smarthost_username)}:${password}\n`;
  });
  return lines.join('');
}
