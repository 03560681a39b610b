import { type Actor, type Data, type FormRequest, forms, problems } from '@posthorn/sdk';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestHost, testHost } from '../kit/src/test-host.js';
import {
  calls,
  editor,
  extra,
  fieldOf,
  fieldsOf,
  judge,
  mood,
  requestOf,
  sendAll,
  shop,
  type Thing,
  type Typed,
} from './demo.js';

let host: TestHost;
const statements: string[] = [];
const plain: Actor = { id: 1, username: 'p', role: 'People', isSuperuser: false, door: 'page', can: () => false };

beforeAll(async () => {
  host = await testHost({ with: [shop, extra, judge], onStatement: (sql) => void statements.push(sql) });
});
afterAll(() => host?.[Symbol.asyncDispose]());
beforeEach(async () => {
  Object.assign(mood, { load: 'well', save: 'well', visible: true });
  await sql('delete from shop_thing');
  await sql('delete from extra_color');
  calls.length = 0;
});

const sql = (text: string, params: readonly unknown[] = []) => host.kernel.database.execute(text, params);
const things = () => sql('select name, on_sale, price, secret from shop_thing order by name');
const colors = () => sql('select color, size from extra_color');
const service = () => host.context('shop').get(forms);

const asking = (o: Partial<FormRequest<Thing>> & { actor?: Actor; typed?: Typed } = {}): FormRequest<Thing> => ({
  request: requestOf(host.context('shop'), o.actor ?? host.system, o.typed ?? {}),
  subject: undefined,
  action: '/thing/',
  submit: 'Save',
  cancel: '/things/',
  ...o,
});
const show = (o: Parameters<typeof asking>[0] = {}) => service().show(editor, asking(o));
const save = (typed: Typed, o: Parameters<typeof asking>[0] = {}) => service().save(editor, asking({ ...o, typed }));

async function failed(typed: Typed, o: Parameters<typeof asking>[0] = {}) {
  const outcome = await save(typed, o);
  if (outcome.isSaved) throw new Error('it was saved');
  return outcome;
}

async function makeThing(): Promise<Thing> {
  await sql("insert into shop_thing (name, on_sale, price, secret) values ('lamp', ?, 5, 'hush')", [true]);
  const [row] = await sql("select id from shop_thing where name = 'lamp'");
  const id = Number(row?.['id']);
  await sql("insert into extra_color (thing_id, color, size) values (?, 'green', 2048)", [id]);
  return { id };
}

describe('a form of several extensions', () => {
  it('shows every tab with its values, loaded in the name of its extension', async () => {
    const form = await show({ subject: await makeThing(), version: '1' });
    expect(form.tabs.map((tab) => [tab.id, tab.from, tab.title, tab.failure])).toEqual([
      ['color', 'extra', 'Color', undefined],
      ['general', 'shop', 'General', undefined],
      ['judge-general', 'judge', 'Verdict', undefined],
    ]);
    expect(fieldsOf(form).map((f) => [f.name, f.value, f.isRequired])).toEqual([
      ['color.color', 'green', false],
      ['color.size', '2G', false],
      ['general.name', 'lamp', true],
      ['general.on_sale', 'true', false],
      ['general.price', '5', true],
      ['general.secret', '', false],
      ['judge-general.note', '', false],
    ]);
    expect(fieldOf(form, 'general.price').condition).toEqual({ field: 'general.on_sale', is: [true] });
    expect(calls).toContain('color.load as extra');
    expect(form.version).toBe('1');
    expect(new Set(fieldsOf(form).map((f) => f.id)).size).toBe(7);
  });

  it('speaks the language of the reader', async () => {
    const t = await host.kernel.translator('fr');
    const request = requestOf(host.context('shop'), host.system, {}, t);
    const form = await service().show(editor, { ...asking(), request });
    expect(fieldOf(form, 'general.name')).toMatchObject({ label: 'Nom', help: 'Comme on l’appelle.' });
    expect(form.tabs[1]).toMatchObject({ title: 'Général', sections: [{ title: 'Noms' }, { title: '' }] });
    const typed = sendAll(form, { 'general.name': 'ugly' });
    const outcome = await service().save(editor, { ...asking(), request: { ...request, typed } });
    expect(outcome).toMatchObject({ form: { issues: [{ label: 'Nom', message: 'n’est pas joli' }] } });
  });

  it('saves all tabs, the owner first, and hands on what it made', async () => {
    const form = await show();
    const outcome = await save(
      sendAll(form, { 'general.name': 'lamp', 'general.on_sale': 'true', 'general.price': '7' }),
    );
    expect(outcome).toMatchObject({ isSaved: true, subject: { id: expect.any(Number) } });
    expect(calls.filter((c) => c.includes('save'))).toEqual(['general.save', 'color.save of a thing']);
    expect(await things()).toMatchObject([{ name: 'lamp', price: 7 }]);
    expect(await colors()).toMatchObject([{ color: 'red', size: 0 }]);
  });

  it('changes nothing when it is sent as it was shown', async () => {
    const subject = await makeThing();
    const before = [await things(), await colors()];
    expect(await save(sendAll(await show({ subject })), { subject })).toEqual({ isSaved: true, subject });
    expect([await things(), await colors()]).toEqual(before);
  });

  it('asks the database as often for many fields as for one', async () => {
    const subject = await makeThing();
    statements.length = 0;
    const form = await show({ subject });
    expect(statements.length).toBe(2);
    statements.length = 0;
    await save(sendAll(form), { subject });
    // For the audit, each of the two that change rows reads them first, and one insert takes their records.
    expect(statements.length).toBe(2 + 1 + 2 + 3);
  });
});

describe('all or nothing', () => {
  it.each([
    ['throws', '', 'Nothing was saved: the extension extra failed here: the paint ran out'],
    ['refuses', '', 'The shop is closed.'],
    ['sql', '', /Nothing was saved: the extension extra failed here/],
    ['blames', 'f-color-color', 'The color green is sold out.'],
  ] as const)('a neighbour that %s leaves nothing behind', async (how, fieldId, message) => {
    const form = await show();
    mood.save = how;
    const typed = sendAll(form, { 'general.name': 'lamp', 'color.color': 'green', 'color.size': '3G' });
    const outcome = await failed(typed);
    expect(outcome.status).toBe(422);
    expect(outcome.form.issues).toEqual([
      {
        fieldId: fieldId || 'tab-color',
        label: 'Color',
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      },
    ]);
    expect([await things(), await colors()]).toEqual([[], []]);
    // what was typed is still there, and goes through once the neighbour is well
    expect(fieldOf(outcome.form, 'general.name').value).toBe('lamp');
    expect(fieldOf(outcome.form, 'color.size').value).toBe('3G');
    mood.save = 'well';
    expect(await save(sendAll(outcome.form))).toMatchObject({ isSaved: true });
    expect(await colors()).toMatchObject([{ color: 'green', size: 3072 }]);
  });

  it('does not tell everybody whose fault it was', async () => {
    mood.save = 'throws';
    const typed = sendAll(await show(), { 'general.name': 'lamp' });
    const { form } = await failed(typed, { actor: plain });
    expect(form.issues[0]?.message).toBe('Nothing was saved: something went wrong in this part.');
  });

  it('collects every mistake of every tab at once', async () => {
    const typed = sendAll(await show(), {
      'general.name': '',
      'general.on_sale': 'on',
      'general.price': '-1',
      'color.size': 'huge',
      'judge-general.note': 'guilty',
    });
    const { form } = await failed(typed);
    expect(form.issues.map((i) => [i.fieldId, i.message])).toEqual([
      ['f-color-size', 'must be a size, like 500 MB, 2G or 1.5 GiB'],
      ['f-general-name', 'is required'],
      ['f-general-price', 'must be 1 or more'],
      ['tab-judge-general', 'must not be guilty'],
    ]);
    expect(form.tabs.map((tab) => tab.hasIssues)).toEqual([true, true, true]);
    expect(fieldOf(form, 'general.price')).toMatchObject({ value: '-1', error: 'must be 1 or more' });
    expect(calls.filter((c) => c.includes('save'))).toEqual([]);
  });
});

describe('a tab that cannot be loaded', () => {
  it('is shown as an error, and its data stays when the rest is saved', async () => {
    const subject = await makeThing();
    mood.load = 'throws';
    const form = await show({ subject });
    expect(form.tabs[0]).toMatchObject({
      failure: 'The extension extra could not load this part: the paint is dry',
      sections: [],
    });
    expect((await show({ subject, actor: plain })).tabs[0]?.failure).toBe(
      'This part cannot be shown now. Its data stays as it is.',
    );
    expect(await save(sendAll(form, { 'general.name': 'torch' }), { subject })).toMatchObject({ isSaved: true });
    expect(await things()).toMatchObject([{ name: 'torch' }]);
    expect(await colors()).toMatchObject([{ color: 'green', size: 2048 }]);
  });

  it('keeps what was typed where it failed in between, and saves nothing', async () => {
    const subject = await makeThing();
    const typed = sendAll(await show({ subject }), { 'general.name': 'torch', 'color.color': 'red' });
    mood.load = 'throws';
    const { form } = await failed(typed, { subject });
    expect(form.issues).toMatchObject([{ label: 'Color' }]);
    expect(fieldOf(form, 'color.color').value).toBe('red');
    expect(await things()).toMatchObject([{ name: 'lamp' }]);
  });

  it('does not hold up the others for ever', async () => {
    const { FormsService } = await import('../../core/dist/forms/forms-service.js');
    const quick = new FormsService(host.kernel.generation.context('core'), { load: 100, save: 100 });
    mood.load = 'never';
    const form = await quick.show(editor, asking());
    expect(form.tabs.map((tab) => tab.failure)).toEqual([expect.stringContaining('no answer'), undefined, undefined]);
    mood.load = 'well';
    mood.save = 'never';
    const typed = sendAll(await quick.show(editor, asking()), { 'general.name': 'lamp' });
    expect(await quick.save(editor, asking({ typed }))).toMatchObject({ isSaved: false, status: 422 });
    expect(await things()).toEqual([]);
  });

  it('is shown as an error too where it cannot say whether it is visible', async () => {
    mood.visible = 'throws';
    expect((await show()).tabs[0]?.failure).toContain('cannot decide');
  });

  it('is left alone where it was not part of the form, and named where it has gone since', async () => {
    const subject = await makeThing();
    const typed = sendAll(await show({ subject }), { 'general.name': 'torch' });
    const rest = Object.fromEntries(Object.entries(typed).filter(([name]) => !name.startsWith('color.')));
    expect(await save({ ...rest, _sent: ' general judge-general ' }, { subject })).toMatchObject({ isSaved: true });
    expect(await colors()).toMatchObject([{ color: 'green' }]);
    mood.visible = false;
    const { form } = await failed(typed, { subject });
    expect(form.issues.map((i) => i.message)).toEqual([
      'The part color is no longer there; send the form again without it.',
    ]);
    expect(await save(sendAll(form), { subject })).toMatchObject({ isSaved: true });
  });
});

describe('a database that goes away', () => {
  it('in the middle of a save leaves nothing half done, and the form comes back', async () => {
    const { FormsService } = await import('../../core/dist/forms/forms-service.js');
    const own = host.kernel.generation.context('core');
    const away = problems('host', {
      E_DATABASE_AWAY: { kind: 'temporary', message: 'The database does not answer.' },
    })('E_DATABASE_AWAY');
    const write: Data['write'] = (work) =>
      own.data.write(async (em) => {
        await work(em);
        throw away; // when everything was done and only the commit was missing
      });
    const real = own.data;
    const data: Data = { dialect: real.dialect, read: real.read.bind(real), execute: real.execute.bind(real), write };
    const broken = new FormsService(Object.create(own, { data: { value: data } }));
    const typed = sendAll(await show(), { 'general.name': 'lamp', 'color.color': 'green' });
    const outcome = await broken.save(editor, asking({ typed }));
    expect(outcome).toMatchObject({
      isSaved: false,
      status: 503,
      form: { issues: [{ fieldId: '', message: 'The database does not answer.' }] },
    });
    if (outcome.isSaved) return;
    expect(fieldOf(outcome.form, 'color.color').value).toBe('green');
    expect([await things(), await colors()]).toEqual([[], []]);
    expect(await save(sendAll(outcome.form))).toMatchObject({ isSaved: true });
  });
});

describe('a conflict', () => {
  it('shows both values and saves nothing, and the next attempt wins', async () => {
    const subject = await makeThing();
    const old = await show({ subject, version: '1' });
    await sql("update shop_thing set name = 'their lamp'");
    const typed = sendAll(old, { 'general.name': 'my lamp', 'general.price': '5' });
    const outcome = await failed(typed, { subject, version: '2' });
    expect(outcome.status).toBe(409);
    expect(outcome.form).toMatchObject({ isConflict: true, version: '2' });
    expect(fieldOf(outcome.form, 'general.name')).toMatchObject({ value: 'my lamp', theirs: 'their lamp' });
    expect(fieldOf(outcome.form, 'general.price').theirs).toBeUndefined();
    expect(await things()).toMatchObject([{ name: 'their lamp' }]);
    expect(await save(sendAll(outcome.form), { subject, version: '2' })).toMatchObject({ isSaved: true });
    expect(await things()).toMatchObject([{ name: 'my lamp' }]);
  });

  it('is also a form that lost its version', async () => {
    const subject = await makeThing();
    const { _version: _, ...typed } = sendAll(await show({ subject, version: '1' }));
    expect(await failed(typed, { subject, version: '1' })).toMatchObject({ status: 409 });
  });
});

describe('conditions', () => {
  it('make a hidden field neither required nor changed', async () => {
    const subject = await makeThing();
    const form = await show({ subject });
    const { 'general.on_sale': _, ...typed } = sendAll(form, { 'general.price': 'rubbish' });
    expect(await save(typed, { subject })).toMatchObject({ isSaved: true });
    expect(await things()).toMatchObject([{ price: 5, secret: 'hush' }]);
    const { form: again } = await failed({ ...typed, 'general.on_sale': 'true' }, { subject });
    expect(again.issues).toMatchObject([{ message: 'must be a whole number' }]);
  });
});

describe('bad input', () => {
  it.each([
    '__proto__',
    'constructor',
    'general.__proto__',
    'general.constructor',
    'nope',
    'color',
    '_hidden',
  ])('refuses the field %s', async (name) => {
    const typed = Object.assign(Object.create(null), sendAll(await show(), { 'general.name': 'lamp' }));
    Object.defineProperty(typed, name, { value: 'x', enumerable: true });
    const { form } = await failed(typed);
    expect(form.issues.map((i) => i.message)).toEqual([`${name} is not a known field`]);
    expect(await things()).toEqual([]);
  });

  it('refuses what was sent twice, except boxes', async () => {
    const typed = sendAll(await show(), { 'general.name': ['a', 'b'], 'general.on_sale': ['false', 'false'] });
    const { form } = await failed(typed);
    expect(form.issues).toMatchObject([{ fieldId: 'f-general-name', message: 'was sent more than once' }]);
  });

  it('gives 10 kB and scripts back as they were typed', async () => {
    for (const name of ['x'.repeat(10_240), '\u0000', '\u202egnp', '\ud800']) {
      const { form } = await failed(sendAll(await show(), { 'general.name': name }));
      expect(fieldOf(form, 'general.name').value).toBe(name);
    }
    const name = '<script>alert(1)</script>';
    expect(await save(sendAll(await show(), { 'general.name': name }))).toMatchObject({ isSaved: true });
    expect(await things()).toMatchObject([{ name }]);
  });

  it('never breaks on what is sent, and saves nothing that it complains about', async () => {
    const names = [
      '_sent',
      '_version',
      'color.color',
      'color.size',
      'general.name',
      'general.on_sale',
      'general.price',
    ];
    const text = fc.oneof(
      fc.constantFrom('', 'general', 'general color', '1', 'red', '2G'),
      fc.string({ unit: 'binary' }),
    );
    const value = fc.oneof(text, fc.array(text, { maxLength: 3 }));
    const name = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...names) }, fc.string());
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, value, { noNullPrototype: false }), async (typed) => {
        const before = (await things()).length;
        const outcome = await save(typed, { actor: plain });
        if (!outcome.isSaved) {
          expect(outcome.form.issues.length).toBeGreaterThan(0);
          expect((await things()).length).toBe(before);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('does not take an empty form for one that was saved', async () => {
    for (const typed of [{}, { _token: 'x' }, { _sent: [] }]) {
      expect((await failed(typed)).form.issues).toMatchObject([{ message: 'Nothing was sent.' }]);
    }
  });

  it('shows a unique name that was taken meanwhile, and two at once make one thing', async () => {
    const typed = sendAll(await show(), { 'general.name': 'twin' });
    const both = await Promise.all([save(typed), save(typed)]);
    expect(both.map((o) => o.isSaved).sort()).toEqual([false, true]);
    expect(await things()).toHaveLength(1);
  });
});
