import { type Message, messages } from '@posthorn/sdk';
import type { Routes } from '@posthorn/transport/contract';
import type { RelayDomainView } from './contract/services.js';

const t = messages('relaydomains');

/**
 * A warning where mail would come back to this machine, and go round until Postfix has had enough. Not refused: another
 * mail server may answer there, behind a proxy or in a container.
 */
export function leadsBack(
  routes: Routes,
  { name, target_host: host, target_port: port }: Pick<RelayDomainView, 'name' | 'target_host' | 'target_port'>,
): Message | undefined {
  if (host === null || port === null || !routes.leadsBack(host, port)) return undefined;
  return t('{{host}} is this machine: mail for {{name}} would come back here and go in circles.', { host, name });
}
