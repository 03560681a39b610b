import { z } from '@posthorn/sdk';

export const TIERS = ['bronze', 'silver', 'gold'] as const;
export type Tier = (typeof TIERS)[number];

/** What each tier asks for, beside all that the tiers below it do. */
export const QUALITY_RULES = {
  bronze: {
    conformance: 'a test calls `conformance`',
    tests: 'tests of its own say what it does',
    documented: 'a page says what it is for and how it is used',
  },
  silver: {
    translated: 'at least one catalogue is complete',
    'clear-errors': 'whatever it refuses says why, and what to do',
    databases: 'its tests run on SQLite, PostgreSQL and MariaDB',
    'all-doors': 'pages, command line and CSV do the same by the same rules',
  },
  gold: {
    endpoints: 'what its pages do, the API does',
    repairs: 'what can be wrong in its data is found by a check and mended by a repair',
    upgrades: 'upgrading it while it serves is tested',
    measured: 'it is measured with as many rows as a large installation has',
  },
} as const satisfies Readonly<Record<Tier, Readonly<Record<string, string>>>>;

const state = z.string().regex(/^(done|todo|exempt: \S.*)$/, 'is `done`, `todo` or `exempt: why`');
const rulesOf = (tier: Tier) =>
  z.strictObject(Object.fromEntries(Object.keys(QUALITY_RULES[tier]).map((rule) => [rule, state])));

/** `quality.json`: every rule once, none beside them. */
export const qualitySchema = z.strictObject({
  /** The highest tier that is reached, or `none`. */
  tier: z.enum(['none', ...TIERS]),
  /** Files and folders of tests, and a document, relative to the package. */
  tests: z.array(z.string()).min(1),
  documents: z.string(),
  rules: z.strictObject({ bronze: rulesOf('bronze'), silver: rulesOf('silver'), gold: rulesOf('gold') }),
});
export type Quality = z.output<typeof qualitySchema>;

/** The highest tier of which, and of all below, no rule is left to do. */
export function reachedTier({ rules }: Pick<Quality, 'rules'>): Quality['tier'] {
  const open = TIERS.findIndex((tier) => Object.values(rules[tier]).includes('todo'));
  return (open === -1 ? TIERS.at(-1) : TIERS[open - 1]) ?? 'none';
}
