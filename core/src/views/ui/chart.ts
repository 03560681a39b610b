import { messages } from '@posthorn/sdk';
import { html, type SafeHtml } from '../safe-html.js';
import { chartData } from './chart-data.js';
import { formatNumber, type UiEnvironment } from './environment.js';

const t = messages('host');

export interface ChartOptions {
  /** `area` is a line with what lies below it. With a script, both can be read off and zoomed into. */
  readonly kind: 'line' | 'area' | 'bar';
  /** One per point: labels, or moments, which are shown in the reader's language and time zone. */
  readonly x: readonly string[] | readonly Date[];
  readonly series: readonly { readonly label: string; readonly values: readonly number[] }[];
  readonly unit: string;
  readonly title: string;
}

const WIDTH = 720;
const HEIGHT = 240;
const LEFT = 52;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 28;
const STEPS = 4;
/** The theme has this many colours; further series use them again. */
const COLOURS = 3;

/** A round number at or above the highest value, so that the lines of the grid have round labels. */
function ceiling(values: readonly number[]): number {
  const highest = Math.max(0, ...values.filter(Number.isFinite));
  if (highest === 0) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [1, 2, 4, 5, 8, 10].find((n) => n * power >= highest) ?? 10;
  return step * power;
}

const short = (n: number): string => String(Math.round(n * 10) / 10);

/** How moments are called: on an axis, where there is little room, and in full. */
function labelsOf(env: UiEnvironment, x: ChartOptions['x']): { readonly short: string[]; readonly full: string[] } {
  const texts = x.filter((one) => typeof one === 'string');
  if (texts.length === x.length) return { short: texts, full: texts };
  const at = x as readonly Date[];
  const isWithinDays = Number(at.at(-1)) - Number(at[0]) <= 3 * 86_400_000;
  const options: Intl.DateTimeFormatOptions = isWithinDays
    ? { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
    : { day: 'numeric', month: 'short' };
  const { locale, timeZone } = env;
  const short = new Intl.DateTimeFormat(locale, { ...options, timeZone });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23', timeZone });
  return { short: at.map((one) => short.format(one)), full: at.map((one) => full.format(one)) };
}

/** A chart as SVG made here, and the same numbers as a table: works without a script, in print and for everybody. */
export function chart(env: UiEnvironment, o: ChartOptions): SafeHtml {
  const top = ceiling(o.series.flatMap((series) => series.values));
  const across = WIDTH - LEFT - RIGHT;
  const down = HEIGHT - TOP - BOTTOM;
  const slots = Math.max(o.x.length, 1);
  const atX = (i: number): number =>
    o.kind === 'bar' ? LEFT + (across * (i + 0.5)) / slots : LEFT + (across * i) / Math.max(slots - 1, 1);
  const atY = (value: number): number =>
    TOP + down * (1 - Math.min(Math.max(Number.isFinite(value) ? value : 0, 0), top) / top);
  const compact = new Intl.NumberFormat(env.locale, { notation: 'compact', maximumFractionDigits: 2 });
  const grid = Array.from({ length: STEPS + 1 }, (_, i) => (top * i) / STEPS).map(
    (value) =>
      html`<line class="ph-chart-grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${short(atY(value))}" y2="${short(atY(value))}"/><text x="${LEFT - 8}" y="${short(atY(value) + 4)}" text-anchor="end">${compact.format(value)}</text>`,
  );
  const every = Math.ceil(o.x.length / 8);
  // At the edges of a line chart there is no room on both sides.
  const anchor = (i: number): string =>
    o.kind === 'bar' || (i > 0 && i < o.x.length - 1) ? 'middle' : i === 0 ? 'start' : 'end';
  const names = labelsOf(env, o.x);
  const labels = names.short.map(
    (label, i) =>
      i % every === 0 && html`<text x="${short(atX(i))}" y="${HEIGHT - 8}" text-anchor="${anchor(i)}">${label}</text>`,
  );
  const shapes = o.series.map((series, n) => {
    const colour = (n % COLOURS) + 1;
    if (o.kind === 'bar') {
      const room = (across / slots) * 0.7;
      const width = room / o.series.length;
      return series.values.map(
        (value, i) =>
          html`<rect class="ph-chart-bar ph-c${colour}" x="${short(atX(i) - room / 2 + n * width)}" y="${short(atY(value))}" width="${short(Math.max(width - 1, 1))}" height="${short(Math.max(atY(0) - atY(value), 0))}" rx="2"/>`,
      );
    }
    const points = series.values.map((value, i) => `${short(atX(i))},${short(atY(value))}`);
    const last = short(atX(Math.max(series.values.length - 1, 0)));
    const below = html`<polygon class="ph-chart-area ph-c${colour}" points="${short(atX(0))},${short(atY(0))} ${points.join(' ')} ${last},${short(atY(0))}"/>`;
    return html`${o.kind === 'area' && below}<polyline class="ph-chart-line ph-c${colour}" points="${points.join(' ')}"/>`;
  });
  const said = `${o.title} (${o.unit})`;
  return html`<figure class="ph-chart"${o.kind !== 'bar' && html` data-ph-chart`}>${o.kind !== 'bar' && chartData(env, o, names.full)}<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${said}">${grid}${labels}${shapes}</svg><figcaption class="ph-legend-row"><ul>${o.series.map(
    (series, n) => html`<li class="ph-key ph-c${(n % COLOURS) + 1}">${series.label}</li>`,
  )}</ul><span class="ph-quiet">${o.unit}</span></figcaption><details class="ph-chart-data"><summary>${env.t(t('Show as a table'))}</summary><div class="ph-table-scroll" role="region" aria-label="${env.t(t('Table: {{caption}}', { caption: said }))}" tabindex="0"><table class="ph-table ph-plain"><caption class="visually-hidden">${said}</caption><thead><tr><th scope="col"></th>${o.series.map(
    (series) => html`<th scope="col" class="ph-th ph-end">${series.label}</th>`,
  )}</tr></thead><tbody>${names.full.map(
    (label, i) =>
      html`<tr><th scope="row">${label}</th>${o.series.map(
        (series) => html`<td class="ph-td ph-end">${formatNumber(env, series.values[i] ?? 0)}</td>`,
      )}</tr>`,
  )}</tbody></table></div></details></figure>`;
}
