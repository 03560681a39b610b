/** The least a Koa server can be: what starting, memory and pages are compared with. */
import { coreDependency } from './internals.mjs';

const [port, bytes = '6'] = process.argv.slice(2);
const { default: Koa } = await coreDependency('koa');
const app = new Koa();
const body = 'hello\n'.padEnd(Number(bytes), 'x');
app.use((ctx) => {
  ctx.body = body;
});
app.listen({ host: '127.0.0.1', port: Number(port) }, () => console.log('ready'));
