import { type FormRequest, forms } from '@posthorn/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestHost, testHost } from '../kit/src/test-host.js';
import { fieldOf, requestOf, sendAll, type Thing, type Typed } from './demo.js';
import { calls, lost, maker, making, mood, painter } from './wizard-demo.js';

let host: TestHost;
beforeAll(async () => {
  host = await testHost({ with: [maker, painter] });
});
afterAll(() => host?.[Symbol.asyncDispose]());
beforeEach(async () => {
  Object.assign(mood, { paint: 'well', canLoad: true, seesKind: true });
  await host.kernel.database.execute('delete from maker_thing', []);
  calls.length = 0;
});

const things = () => host.kernel.database.execute('select name, color, seal from maker_thing', []);
const service = () => host.context('maker').get(forms);
const asking = (typed: Typed = {}): FormRequest<Thing> => ({
  request: requestOf(host.context('maker'), host.system, typed),
  subject: undefined,
  action: '/thing/',
  submit: 'Make',
  cancel: '/things/',
});
const show = () => service().showSteps(making, asking());
const save = (typed: Typed) => service().saveSteps(making, asking(typed));
const filled = async (change: Typed = {}): Promise<Typed> =>
  sendAll(await show(), {
    'general.name': 'lamp',
    'general.kind': 'colored',
    'paint.color': 'red',
    'varnish.coats': '2',
    'seal.seal': 'ours',
    ...change,
  });
async function failed(typed: Typed) {
  const outcome = await save(typed);
  if (outcome.isSaved) throw new Error('it was saved');
  return outcome;
}

describe('a wizard of several extensions', () => {
  it('shows its steps in their order, each with its condition', async () => {
    const form = await show();
    expect(form.layout).toBe('steps');
    expect(form.tabs.map((step) => [step.id, step.from, step.condition])).toEqual([
      ['general', 'maker', undefined],
      ['paint', 'painter', { field: 'general.kind', is: ['colored'] }],
      ['varnish', 'painter', { field: 'paint.color', is: ['red'] }],
      ['seal', 'maker', undefined],
    ]);
  });

  it('saves all its steps in their order, with what the first one made', async () => {
    expect(await save(await filled())).toMatchObject({ isSaved: true, subject: { id: expect.any(Number) } });
    expect(calls).toEqual(['general', 'paint of a thing', 'varnish', 'seal of a thing']);
    expect(await things()).toMatchObject([{ name: 'lamp', color: 'red', seal: 'ours' }]);
  });

  it('saves nothing where one step fails, says where, and keeps what was typed', async () => {
    mood.paint = 'throws';
    const { status, form } = await failed(await filled());
    expect(status).toBe(422);
    expect(form.issues).toMatchObject([{ fieldId: 'tab-paint', label: 'Paint' }]);
    expect(form.tabs.map((step) => step.hasIssues)).toEqual([false, true, false, false]);
    expect(fieldOf(form, 'seal.seal').value).toBe('ours');
    expect(await things()).toEqual([]);
    mood.paint = 'well';
    expect(await save(sendAll(form))).toMatchObject({ isSaved: true });
  });
});

describe('a step whose condition does not hold', () => {
  it('is not read, checked or saved, whatever was sent for it, and neither is one that depends on it', async () => {
    const typed = await filled({ 'general.kind': 'plain', 'paint.color': 'mud', 'varnish.coats': 'rubbish' });
    expect(await save(typed)).toMatchObject({ isSaved: true });
    expect(calls).toEqual(['general', 'seal of a thing']);
    expect(await things()).toMatchObject([{ name: 'lamp', color: null }]);
  });

  it('is decided anew by what was typed', async () => {
    const { form } = await failed(await filled({ 'paint.color': 'mud', 'varnish.coats': 'rubbish' }));
    expect(form.issues.map((issue) => issue.fieldId)).toEqual(['f-paint-color']);
    const { form: again } = await failed(sendAll(form, { 'paint.color': 'red' }));
    expect(again.issues.map((issue) => issue.fieldId)).toEqual(['f-varnish-coats']);
    expect(await save(sendAll(again, { 'paint.color': 'blue' }))).toMatchObject({ isSaved: true });
    expect(calls).toEqual(['general', 'paint of a thing', 'seal of a thing']);
  });

  it('is the stored value that counts where nothing was sent', async () => {
    const { 'general.kind': _, ...typed } = await filled();
    expect(await save(typed)).toMatchObject({ isSaved: true });
    expect(calls).not.toContain('paint of a thing');
  });

  it('is no part of a form that does not hold what the condition looks at', async () => {
    mood.seesKind = false;
    expect((await show()).tabs.map((step) => step.id)).toEqual(['seal']);
    mood.seesKind = true;
    mood.canLoad = false;
    const form = await show();
    expect(form.tabs.map((step) => [step.id, step.failure !== undefined])).toEqual([
      ['general', true],
      ['seal', false],
    ]);
    await save({ ...sendAll(form), _sent: 'seal paint', 'paint.color': 'red' });
    expect(calls).toEqual(['seal of nothing']);
  });

  it.each([
    { step: 'nowhere', field: 'kind', is: ['colored'] },
    { step: 'general', field: 'constructor', is: ['colored'] },
    { step: 'seal', field: 'seal', is: ['ours'] },
  ])('never is one that looks at $step.$field, which is reported in its name', async (onlyIf) => {
    await using other = await testHost({ with: [maker, painter, lost(onlyIf)] });
    const { FormsService } = await import('../../core/dist/forms/forms-service.js');
    const own = other.kernel.generation.context('core');
    const said: unknown[] = [];
    const log = { error: (facts: unknown) => said.push(facts) };
    const engine = new FormsService(Object.create(own, { log: { value: log } }));
    const request = { ...asking(), request: requestOf(other.context('maker'), other.system) };
    const form = await engine.showSteps(making, request);
    expect(form.tabs.find((step) => step.id === 'lost')).toMatchObject({ condition: undefined });
    expect(said).toMatchObject([{ extension: 'lost', at: 'form:maker.making@1/lost' }]);
    const typed = sendAll(form, { 'general.name': 'lamp' });
    const sent = { ...request, request: { ...request.request, typed } };
    expect(await engine.saveSteps(making, sent)).toMatchObject({ isSaved: true });
    expect(calls).toContain('lost');
  });
});

describe('a wizard that only asks', () => {
  it('checks the steps up to the one that is named, and saves nothing', async () => {
    const typed = await filled({ 'paint.color': 'mud' });
    expect(await failed({ ...typed, _step: 'general' })).toMatchObject({ status: 200, form: { issues: [] } });
    expect(await failed({ ...typed, _step: 'paint' })).toMatchObject({
      status: 422,
      form: { issues: [{ fieldId: 'f-paint-color', message: 'is no color' }] },
    });
    expect(await failed({ ...typed, 'general.name': 'ugly', _step: 'seal' })).toMatchObject({
      status: 422,
      form: { issues: [{ fieldId: 'f-general-name' }, { fieldId: 'f-paint-color' }] },
    });
    expect(await failed({ ...(await filled()), _step: 'seal' })).toMatchObject({ status: 200 });
    expect(calls).toEqual([]);
    expect(await things()).toEqual([]);
  });

  it.each(['', 'nowhere', '__proto__', ['general', 'general']])('refuses the step %j', async (_step) => {
    const { status, form } = await failed({ ...(await filled()), _step });
    expect(status).toBe(422);
    expect(form.issues).toMatchObject([{ message: 'There is no such step.' }]);
    expect(calls).toEqual([]);
  });

  it('is refused by a form of tabs, which would save', async () => {
    const outcome = await service().save(making as never, asking({ ...(await filled()), _step: 'general' }));
    expect(outcome).toMatchObject({ status: 422, form: { issues: [{ message: '_step is not a known field' }] } });
    expect(await things()).toEqual([]);
  });
});
