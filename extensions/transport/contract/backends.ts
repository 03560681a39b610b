/** Ways to hand mail on. Each is a service of Postfix's `master.cf` and says which settings it needs. */
import { type Contribution, contribute, type Shape, slot, type Text, type Values } from '@posthorn/sdk';

/**
 * What a pattern stands for: `domain` (`example.org`), everything below one (`.example.org`), one `address`, and what is
 * sent from a domain (`@example.org`).
 */
export const PATTERN_KINDS = ['domain', 'subdomains', 'address', 'sender'] as const;
export type PatternKind = (typeof PATTERN_KINDS)[number];

export interface TransportBackend {
  /** The name of the service in `master.cf`. */
  readonly service: string;
  readonly title: Text;
  /** One sentence on when to choose it. */
  readonly summary: Text;
  /** What has to be known. Secrets among them are stored sealed and never shown again. */
  readonly settings: Shape;
  /** Patterns that it serves. */
  readonly kinds: readonly PatternKind[];
  /** The next hop for checked settings, at most 100 characters; throws a problem that names the setting. */
  nextHop(settings: Readonly<Record<string, unknown>>): string;
}
export const transportBackends = slot<TransportBackend>('transport.backends@1');

/** Contributes a way to hand mail on. `settings` types what `nextHop` gets; without `kinds` it serves every pattern. */
export const transportBackend = <const S extends Shape>(
  b: Omit<TransportBackend, 'settings' | 'kinds' | 'nextHop'> & {
    readonly settings: S;
    readonly kinds?: readonly PatternKind[];
    nextHop(settings: Values<S>): string;
  },
  o: { readonly order?: number } = {},
): Contribution =>
  contribute(
    transportBackends,
    {
      ...b,
      kinds: b.kinds ?? PATTERN_KINDS,
      nextHop: b.nextHop as unknown as TransportBackend['nextHop'],
    } as TransportBackend,
    o,
  );
