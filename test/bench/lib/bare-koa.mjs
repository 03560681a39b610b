/** The least a Koa server can be: what starting and memory are compared with. */
import { coreDependency } from './internals.mjs';

const { default: Koa } = await coreDependency('koa');
const app = new Koa();
app.use((ctx) => {
  ctx.body = 'hello\n';
});
app.listen({ host: '127.0.0.1', port: Number(process.argv[2]) }, () => console.log('ready'));
