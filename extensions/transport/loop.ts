import { type ExtensionContext, type Message, messages } from '@posthorn/sdk';
import { routes, type TransportView } from './contract/services.js';

const t = messages('transport');

/**
 * A warning where mail would come back to this machine, and go round until Postfix has had enough. Not refused: another
 * mail server may answer there, behind a proxy or in a container.
 */
export function loopOf(context: ExtensionContext, { pattern, settings }: TransportView): Message | undefined {
  const { target_host: host, target_port: port } = settings;
  if (typeof host !== 'string' || typeof port !== 'number') return undefined;
  if (!context.get(routes).leadsBack(host, port)) return undefined;
  return t('{{host}} is this machine: mail for {{name}} would come back here and go in circles.', {
    host,
    name: pattern,
  });
}
