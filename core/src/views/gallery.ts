import type { FieldModel, FormModel, FormModelTab } from '@posthorn/sdk';

/** Plants and gardens: data of a shape that real pages have, of no extension in particular. */
const GARDENS = [
  ['lumen-garden.example', 'Open', 'success', 32, 2, 10],
  ['fjord-orchard.example', 'Open', 'success', 63, 17, 25],
  ['bücher-köln.example', 'Resting', 'neutral', 48, 15, 50],
  ['ridge-school.example', 'Full', 'danger', 121, 485, 500],
  ['meridian-bakery.example', 'Closing', 'warning', 9, 21, 25],
  ['a-name-that-is-really-quite-long-and-has-no-place-to-break-at-all.example', 'Open', 'success', 12_345, 0, 100],
] as const;

const field = (o: Partial<FieldModel> & Pick<FieldModel, 'id' | 'label'>): FieldModel => ({
  name: `plants.${o.id}`,
  kind: 'string',
  help: '',
  unit: '',
  value: '',
  choices: [],
  isRequired: false,
  error: '',
  theirs: undefined,
  condition: undefined,
  ...o,
});

const form: FormModel = {
  action: '/gallery/',
  submit: 'Save changes',
  cancel: '/gallery/',
  layout: 'tabs',
  version: '7',
  isConflict: false,
  issues: [{ fieldId: 'g-count', label: 'Number of plants', message: 'Enter a whole number from 1 to 500' }],
  tabs: [
    {
      id: 'plants',
      title: 'Plants',
      from: 'host',
      failure: undefined,
      hasIssues: true,
      condition: undefined,
      sections: [
        {
          title: 'Name',
          text: 'What visitors read at the gate.',
          fields: [
            field({ id: 'g-name', label: 'Name', value: 'Lumen garden', isRequired: true, help: 'Shown on the sign.' }),
            field({
              id: 'g-count',
              label: 'Number of plants',
              kind: 'integer',
              value: 'many',
              error: 'Enter a whole number from 1 to 500',
              isRequired: true,
            }),
            field({
              id: 'g-kind',
              label: 'Kind',
              kind: 'choice',
              value: 'herbs',
              choices: [
                { value: 'herbs', label: 'Herbs' },
                { value: 'trees', label: 'Trees' },
              ],
            }),
            field({
              id: 'g-height',
              label: 'Height of the trees',
              kind: 'size',
              unit: 'm',
              value: '12',
              condition: { field: 'plants.g-kind', is: ['trees'] },
            }),
          ],
        },
        {
          title: 'Visitors',
          text: 'Who may come in, and when.',
          fields: [
            field({
              id: 'g-open',
              label: 'Open to everybody',
              kind: 'boolean',
              value: 'true',
              help: 'From dawn to dusk.',
            }),
            field({ id: 'g-key', label: 'Gate code', kind: 'secret', help: 'Leave it empty to keep the present one.' }),
            field({ id: 'g-names', label: 'Gardeners', kind: 'list', value: 'Ann\nBert', theirs: 'Ann' }),
            field({ id: 'g-note', label: 'Note', kind: 'text', value: 'Water on Mondays.\n<b>No</b> dogs.' }),
          ],
        },
      ],
    },
    {
      id: 'water',
      title: 'Water',
      from: 'rain',
      failure: 'The rain gauge did not answer within 2 seconds.',
      hasIssues: false,
      condition: undefined,
      sections: [],
    },
    {
      id: 'light',
      title: 'Light',
      from: 'sun',
      failure: undefined,
      hasIssues: false,
      condition: undefined,
      sections: [
        {
          title: '',
          text: '',
          fields: [field({ id: 'g-hours', label: 'Hours of sun', name: 'light.hours', kind: 'integer', value: '6' })],
        },
      ],
    },
  ],
};

const step = (
  id: string,
  title: string,
  fields: readonly FieldModel[],
  o: Partial<FormModelTab> = {},
): FormModelTab => ({
  id,
  title,
  from: 'host',
  failure: undefined,
  hasIssues: false,
  condition: undefined,
  sections: [{ title: '', text: '', fields }],
  ...o,
});

const wizard: FormModel = {
  action: '/gallery/',
  submit: 'Lay out the garden',
  cancel: '/gallery/',
  layout: 'steps',
  version: '',
  isConflict: false,
  issues: [],
  tabs: [
    step('place', 'Place', [
      field({ id: 'g-place', name: 'place.name', label: 'Where', value: 'Behind the school', isRequired: true }),
      field({ id: 'g-pond', name: 'place.pond', label: 'With a pond', kind: 'boolean', value: 'false' }),
    ]),
    step(
      'pond',
      'Pond',
      [field({ id: 'g-depth', name: 'pond.depth', label: 'Depth', kind: 'integer', unit: 'm', value: '1' })],
      { from: 'rain', condition: { field: 'place.pond', is: [true] } },
    ),
    step('people', 'People', [
      field({ id: 'g-first', name: 'people.first', label: 'First gardener', help: 'Gets the key.', isRequired: true }),
    ]),
  ],
};

/** What the gallery shows: every component with data as pages have it. */
export const galleryData = (url: URL = new URL('http://gallery.example/gallery/')) => ({
  url,
  gardens: GARDENS.map(([name, state, level, plants, used, room]) => ({ name, state, level, plants, used, room })),
  form,
  wizard,
  lead: 'Every component, with data as pages have it.',
  breadcrumbs: [{ label: 'System', href: '/core/information/' }, { label: 'Gallery' }],
  actions: [
    { label: 'Import', icon: 'upload', href: '/gallery/' },
    { label: 'Add a garden', icon: 'plus', href: '/gallery/', kind: 'primary' },
  ],
  hours: ['00', '03', '06', '09', '12', '15', '18', '21'].map((hour) => `${hour}:00`),
  times: Array.from({ length: 8 }, (_, i) => new Date(Date.UTC(2026, 4, 12, 3 * i))),
  visitors: [
    { label: 'Visitors', values: [120, 80, 340, 1210, 1830, 1640, 900, 310] },
    { label: 'Bees', values: [0, 10, 640, 1450, 1700, 1580, 720, 20] },
  ],
});
