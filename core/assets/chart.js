// Charts that can be read off and zoomed into, in the place of those that the server has drawn. Those stay in the page:
// for print, and as the source of the colours. Their numbers stand beside them, as JSON and as a table.

const { uPlot } = window;
const DAY = 86_400;
/** Pixels for the numbers beside the drawing. */
const AXIS = 52;
const charts = new Map();

/** The colours of the theme, as the drawing of the server has them. */
const colour = (figure, selector, property) => getComputedStyle(figure.querySelector(selector))[property];
const series = (figure, n) => colour(figure, `.ph-chart-line.ph-c${(n % 3) + 1}`, 'stroke');
const faint = (text) => text.replace(/^rgb\((.+)\)$/, 'rgba($1, 0.12)');

function formats({ locale, timeZone, unit }) {
  const date = (options) => {
    const format = new Intl.DateTimeFormat(locale, { ...options, timeZone });
    return (seconds) => format.format(seconds * 1000);
  };
  const number = new Intl.NumberFormat(locale);
  const short = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 2 });
  return {
    // 24 hours everywhere: on an axis there is no room for more.
    time: date({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    day: date({ day: 'numeric', month: 'short' }),
    month: date({ month: 'short', year: 'numeric' }),
    year: date({ year: 'numeric' }),
    number: (value) => `${number.format(value)} ${unit}`,
    short: (value) => short.format(value),
  };
}

function options(figure, data, say) {
  const at = data.hasMoments
    ? (_, splits, _axis, _space, step) =>
        splits.map((s) => {
          if (step >= 300 * DAY) return say.year(s);
          if (step >= 28 * DAY) return say.month(s);
          if (step >= DAY) return say.day(s);
          const time = say.time(s);
          return time === '00:00' ? say.day(s) : time;
        })
    : (_, splits) => splits.map((i) => data.labels[i] ?? '');
  const font = `${getComputedStyle(figure.querySelector('svg text')).fontSize === '20px' ? 12 : 11}px ${getComputedStyle(document.body).fontFamily}`;
  const axis = {
    stroke: () => colour(figure, 'svg text', 'fill'),
    grid: { stroke: () => colour(figure, '.ph-chart-grid', 'stroke'), width: 1 },
    ticks: { show: false },
    font,
  };
  return {
    ...size(figure),
    padding: [12, 20, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 7 }, drag: { x: true, y: false, dist: 6 } },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), data.timeZone),
    scales: {
      x: { time: data.hasMoments },
      y: { range: (_, low, high) => uPlot.rangeNum(Math.min(low ?? 0, 0), high > 0 ? high : 1, 0.1, true) },
    },
    axes: [
      {
        ...axis,
        values: at,
        space: 64,
        size: 28,
        grid: { show: false },
        ...(data.hasMoments ? {} : { incrs: [1, 2, 3, 4, 5, 10, 20, 50, 100, 1000] }),
      },
      { ...axis, values: (_, splits) => splits.map(say.short), size: AXIS },
    ],
    series: [
      {},
      ...data.series.map((_, n) => ({
        width: 2,
        points: { show: false },
        stroke: () => series(figure, n),
        ...(data.kind === 'area' ? { fill: () => faint(series(figure, n)) } : {}),
      })),
    ],
  };
}

const size = (figure) => ({
  width: Math.max(figure.clientWidth, 120),
  height: Math.min(280, Math.max(180, Math.round(figure.clientWidth / 3))),
});

/** What stands at the place of the pointer. For eyes only: the table says the same to everybody. */
function reader(data, say) {
  const box = document.createElement('div');
  box.className = 'ph-chart-tip';
  box.setAttribute('aria-hidden', 'true');
  box.hidden = true;
  const title = document.createElement('strong');
  const values = data.series.map(({ label }, n) => {
    const line = document.createElement('span');
    const value = document.createElement('b');
    line.className = `ph-key ph-c${(n % 3) + 1}`;
    line.append(`${label} `, value);
    return [line, value];
  });
  box.append(title, ...values.map(([line]) => line));
  const update = (plot) => {
    const { idx, left } = plot.cursor;
    box.hidden = idx === null || idx === undefined || left < 0;
    if (box.hidden) return;
    title.textContent = data.labels[idx];
    values.forEach(([, value], n) => {
      const number = data.series[n].values[idx];
      value.textContent = number === null ? '–' : say.number(number);
    });
    // Beside the pointer, where there is room; on a phone it may reach over the axis.
    const after = left + 12;
    const before = left - 12 - box.offsetWidth;
    const isFull = after + box.offsetWidth > plot.over.clientWidth;
    box.style.left = `${isFull ? Math.max(before, -AXIS) : after}px`;
  };
  return { init: (plot) => plot.over.append(box), setCursor: update };
}

function draw(figure) {
  const data = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
  if (data.x.length < 2) return;
  const say = formats(data);
  const place = document.createElement('div');
  place.className = 'ph-chart-live';
  place.title = data.hint;
  const reset = document.createElement('button');
  reset.type = 'button';
  reset.className = 'btn btn-sm ph-chart-reset';
  reset.textContent = data.reset;
  reset.hidden = true;
  figure.querySelector('svg').after(place);
  place.append(reset);
  const [first, last] = [data.x[0], data.x.at(-1)];
  const { init, setCursor } = reader(data, say);
  const setScale = (plot, key) => {
    const { min, max } = plot.scales[key];
    if (key === 'x') reset.hidden = min <= first && max >= last;
  };
  const hooks = { init: [init], setCursor: [setCursor], setScale: [setScale] };
  const plot = new uPlot(
    { ...options(figure, data, say), hooks },
    [data.x, ...data.series.map((s) => s.values)],
    place,
  );
  reset.addEventListener('click', () => plot.setScale('x', { min: first, max: last }));
  figure.classList.add('ph-is-live');
  const resize = new ResizeObserver(() => plot.setSize(size(figure)));
  resize.observe(figure);
  charts.set(figure, { plot, resize });
}

function start(within) {
  for (const [figure, { plot, resize }] of charts) {
    if (figure.isConnected) continue;
    resize.disconnect();
    plot.destroy();
    charts.delete(figure);
  }
  for (const figure of within.querySelectorAll('[data-ph-chart]')) if (!charts.has(figure)) draw(figure);
}

// The theme is an attribute of the page, whoever changes it.
new MutationObserver(() => {
  for (const { plot } of charts.values()) plot.redraw(false, true);
}).observe(document.documentElement, { attributes: true, attributeFilter: ['data-bs-theme'] });
document.addEventListener('htmx:after:settle', ({ detail }) => {
  for (const node of detail.newContent) if (node instanceof Element) start(node);
});
start(document);
