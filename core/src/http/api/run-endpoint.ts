import type { EndpointRequest } from '@posthorn/sdk';
import type { KeptAnswer } from '../../calls/idempotency-store.js';
import { within } from '../../forms/deadline.js';
import type { Kernel } from '../../kernel.js';
import { blaming } from '../blaming.js';
import type { PageDeadlines } from '../page-dispatcher.js';
import type { RouteMatch } from '../route-table.js';
import type { Caller } from './caller.js';
import { checkedAnswer } from './checked-answer.js';
import type { EndpointRoute } from './endpoint-routes.js';

/** One call, with all that its answer depends on. */
export interface Call {
  readonly kernel: Kernel;
  readonly caller: Caller;
  readonly match: RouteMatch<EndpointRoute>;
  readonly route: EndpointRoute;
  readonly deadlines: PageDeadlines;
  readonly isDevelopment: boolean;
}

export type Answer = KeptAnswer;

/** What a collection may be answered as. */
export const ROW_TYPES = ['application/json', 'application/x-ndjson', 'text/csv'] as const;
export type AnswerType = (typeof ROW_TYPES)[number];

/** What the endpoint's code returned, as it was declared. */
export function answered(
  call: Pick<Call, 'kernel' | 'route' | 'deadlines' | 'isDevelopment'>,
  request: EndpointRequest,
  isDryRun = false,
): Promise<Answer> {
  const { endpoint } = call.route;
  return runEndpoint(call, request, async () => {
    const work = async () => checkedAnswer(endpoint, await endpoint.run(request), call.isDevelopment);
    const body = isDryRun ? await tried(call.kernel, work) : await work();
    const isDone = endpoint.location !== undefined && endpoint.location(body) === undefined;
    return { status: isDone ? 200 : endpoint.status, body };
  });
}

/** Runs code of an endpoint within its deadline, under its extension's name. */
export function runEndpoint<T>(
  { kernel, route, deadlines }: Pick<Call, 'kernel' | 'route' | 'deadlines'>,
  request: Pick<EndpointRequest, 'requestId' | 'actor'>,
  work: () => Promise<T>,
): Promise<T> {
  const { endpoint, from, path } = route;
  const at = `${endpoint.method} ${path}`;
  const frame = {
    extension: from,
    at,
    request: request.requestId,
    actor: request.actor,
    spot: kernel.spots.at(from, at),
  };
  return blaming(frame, () => within(endpoint.method === 'GET' ? deadlines.page : deadlines.action, work));
}

/** Does it and takes it back: what would be answered is known, and nothing has happened. */
async function tried(kernel: Kernel, work: () => Promise<unknown>): Promise<unknown> {
  const end = new Error('taken back');
  let outcome: PromiseSettledResult<unknown> | undefined;
  try {
    await kernel.database.write(async () => {
      // A transaction that is spoilt tells what spoilt it, which is not what was made of that.
      [outcome] = await Promise.allSettled([work()]);
      throw end;
    });
  } catch (error) {
    if (outcome === undefined) throw error;
  }
  if (outcome?.status === 'rejected') throw outcome.reason;
  return outcome?.value;
}
