import { messages } from '@posthorn/sdk';
import { html, SafeHtml } from '../safe-html.js';
import type { ChartOptions } from './chart.js';
import type { UiEnvironment } from './environment.js';

const t = messages('host');

/**
 * A chart's numbers for `chart.js`, in an element that browsers neither run nor show. `x` holds seconds since 1970 or
 * positions; a value that is no number is null, a gap.
 */
export function chartData(env: UiEnvironment, o: ChartOptions, labels: readonly string[]): SafeHtml {
  const hasMoments = o.x.some((one) => typeof one !== 'string');
  const json = JSON.stringify({
    kind: o.kind,
    unit: o.unit,
    locale: env.locale,
    timeZone: env.timeZone,
    hasMoments,
    x: o.x.map((one, i) => (typeof one === 'string' ? i : one.getTime() / 1000)),
    labels,
    series: o.series.map(({ label, values }) => ({
      label,
      values: o.x.map((_, i) => (Number.isFinite(values[i]) ? values[i] : null)),
    })),
    reset: env.t(t('Show everything')),
    hint: env.t(t('Drag across the chart to look closer.')),
  });
  // Nothing in it may look like the end of the element, or like the beginning of a comment in it.
  return html`<script type="application/json">${new SafeHtml(json.replaceAll('<', '\\u003c'))}</script>`;
}
