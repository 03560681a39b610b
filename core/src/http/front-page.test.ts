import { describe, expect, it } from 'vitest';
import type { Kernel } from '../kernel.js';
import { Assets } from './assets.js';
import { frontPage, renderFrontPage } from './front-page.js';
import type { Readiness } from './readiness.js';
import { Views } from './views.js';

const views = new Views(new Assets());
const ready: Readiness = { isReady: true, isDatabaseThere: true, reasons: [], notices: [] };
const state = (id: string, observed: string, desired: string, reason = '') => ({
  id,
  package: `@test/${id}`,
  version: '1.2.3',
  state: observed,
  desired,
  reason,
});
const kernel = (states: readonly object[], hostname = 'host.example.test'): Kernel =>
  ({ states, config: { hostname } }) as unknown as Kernel;
const steps = [
  { title: 'First', text: 'Do this.', commands: ['posthorn one', 'posthorn two'] },
  { title: 'With <apples>', text: 'Do that.', commands: [], extension: 'apples' },
];
const render = (o: { kernel?: Kernel | undefined; readiness?: Readiness }) =>
  renderFrontPage(views, frontPage({ version: '9.8.7', steps, readiness: o.readiness ?? ready, kernel: o.kernel }));

describe('the front page', () => {
  it('shows name, version, health and what to do next', () => {
    const html = render({ kernel: kernel([state('apples', 'enabled', 'enabled')]) });
    for (const part of ['Posthorn is running', 'host.example.test', '9.8.7', 'apples', '1.2.3', 'posthorn two']) {
      expect(html).toContain(part);
    }
    expect(html).toContain('With &lt;apples&gt;');
    expect(html).toMatch(/Database<\/dt>\s*<dd><span class="state good">ok/);
  });

  it('shows commands one per line, also where no style sheet is read', () => {
    expect(render({ kernel: kernel([]) })).toContain('posthorn one\n</span>');
  });

  it('names extensions that do not work, with the reason, and leaves out those switched off', () => {
    const html = render({
      kernel: kernel([
        state('apples', 'incompatible', 'enabled', 'needs <pears>'),
        state('plums', 'disabled', 'disabled'),
      ]),
    });
    expect(html).toContain('1 of 1 not working');
    expect(html).toContain('needs &lt;pears&gt;');
    expect(html).not.toContain('plums');
    expect(html).not.toContain('With &lt;apples&gt;');
  });

  it('works without a kernel and says what is wrong', () => {
    const html = render({
      readiness: { isReady: false, isDatabaseThere: false, reasons: ['It is <away>.'], notices: ['Mind the gap.'] },
    });
    for (const part of [
      'Posthorn is not ready',
      'It is &lt;away&gt;.',
      'Mind the gap.',
      'none enabled',
      'away</span>',
    ]) {
      expect(html).toContain(part);
    }
  });

  it('has nothing inline, and every asset it names exists', () => {
    const html = render({ kernel: kernel([state('apples', 'enabled', 'enabled')], '"><script>alert(1)</script>') });
    expect(html).not.toMatch(/<script|<style|style=|javascript:|\son\w+=/i);
    for (const [, name] of html.matchAll(/\/assets\/host\/[0-9a-f]{12}\/([\w.-]+)"/g)) {
      expect(new Assets().find(name ?? '')).toBeDefined();
    }
  });
});
