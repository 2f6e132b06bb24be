/**
 * A venue that is a process of its own: orders, executions and its book of both on disk, over HTTP on loopback.
 *
 *     node scripts/crash/venue.mjs --dir FOLDER [--seed N] [--faults RATE] [--mute]     prints {"port": …}
 *
 * It is awkward on purpose, within what real venues do. It accepts a client order id twice (Binance: unique among open
 * orders only; here not even that), so that a runtime which places twice is seen to. With --faults it loses answers
 * before or after it has acted, answers late, and drops its event stream; what the stream missed is not said again.
 * With --mute its stream tells no execution at all: they stand in its answers only.
 * Every acceptance, execution and cancel is on disk before anybody hears of it.
 */
import { closeSync, fdatasyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seeded } from './draw.mjs';
import { fixed, plain } from './fixed.mjs';

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string', default: '0' },
    mute: { type: 'boolean', default: false },
  },
});
const TICK_MS = 10;
const LATE_MS = 400;
const SYMBOLS = { 'BTC/USDT': '60000', 'ETH/USDT': '2500', 'SOL/USDT': '150' };
const LISTING = Object.keys(SYMBOLS).map((symbol) => {
  const [base, quote] = symbol.split('/');
  return { symbol, tickSize: '0.01', lotSize: '0.001', minNotional: '1', base, quote };
});

const random = seeded(Number(values.seed));
const faultRate = Number(values.faults);
const strikes = (share = 1) => random() < faultRate * share;

// The book of record: one JSON object a line, on disk before it counts.
mkdirSync(values.dir, { recursive: true });
const file = join(values.dir, 'venue.jsonl');
const fd = openSync(file, 'a');
/** Orders in the order of their acceptance; several may carry one client order id. */
const orders = [];
const trades = [];
let serial = 0;

function record(entry) {
  writeSync(fd, `${JSON.stringify(entry)}\n`);
  fdatasyncSync(fd);
  apply(entry);
}

function apply(entry) {
  serial += 1;
  if (entry.kind === 'ACCEPT') {
    orders.push({
      ...entry.order,
      id: entry.id,
      filled: 0n,
      amount: 0n,
      status: 'NEW',
      waits: entry.order.stopPrice !== null,
    });
    return;
  }
  const order = orders.find(({ id }) => id === entry.id);
  if (entry.kind === 'END') order.status = entry.status;
  if (entry.kind === 'TRADE') {
    order.filled += fixed(entry.quantity);
    order.amount += fixed(entry.quantity) * fixed(entry.price);
    order.status = order.filled >= fixed(order.quantity) ? 'FILLED' : 'PARTIALLY_FILLED';
    trades.push({ ...entry, clientOrderId: order.clientOrderId });
  }
}

for (const line of readFileSync(file, 'utf8').split('\n')) if (line !== '') apply(JSON.parse(line));

// Prices: a walk that is made anew at each start.
const prices = new Map(Object.entries(SYMBOLS).map(([symbol, price]) => [symbol, fixed(price)]));
const SPREAD = fixed('0.01');
const quoteOf = (symbol) => ({
  bid: prices.get(symbol) - SPREAD,
  ask: prices.get(symbol) + SPREAD,
  last: prices.get(symbol),
});

const isOpen = ({ status }) => status === 'NEW' || status === 'PARTIALLY_FILLED';
const averageOf = ({ filled, amount }) => (filled === 0n ? null : plain(amount / filled));
const newest = (clientOrderId) => orders.findLast((order) => order.clientOrderId === clientOrderId);

const listeners = new Set();
const publish = (event) => {
  for (const listener of listeners) listener.write(`${JSON.stringify(event)}\n`);
};

const eventOf = (entry, order) => ({
  type: 'TRADE',
  at: entry.at,
  clientOrderId: order.clientOrderId,
  connectorOrderId: order.id,
  execId: entry.execId,
  quantity: entry.quantity,
  price: entry.price,
  liquidity: entry.liquidity,
});

function trade(order, quantity, price, liquidity) {
  const entry = {
    kind: 'TRADE',
    id: order.id,
    execId: `X${serial + 1}`,
    quantity: plain(quantity),
    price: plain(price),
    liquidity,
    at: Date.now(),
  };
  record(entry);
  if (!values.mute && !strikes(0.3)) publish(eventOf(entry, order));
}

function end(order, status, reason) {
  record({ kind: 'END', id: order.id, status, at: Date.now() });
  if (strikes(0.3)) return;
  publish({
    type: status,
    at: Date.now(),
    clientOrderId: order.clientOrderId,
    connectorOrderId: order.id,
    reason,
    cumQty: plain(order.filled),
  });
}

/** A part of what is left, in whole lots; all of it two times out of three. */
function partOf(order) {
  const lot = fixed('0.001');
  const rest = fixed(order.quantity) - order.filled;
  if (random() < 2 / 3 || rest <= lot) return rest;
  return BigInt(1 + Math.floor(random() * Number(rest / lot - 1n))) * lot || lot;
}

const crosses = ({ side, price }, { bid, ask }) =>
  side === 'BUY' ? fixed(price) >= ask : fixed(price) <= bid;

/** Others reach this far into the book now and then. */
const isNear = ({ price }, { last }) => {
  const away = fixed(price) - last;
  return (away < 0n ? -away : away) * 1000n < last;
};

function meet(order) {
  const quote = quoteOf(order.symbol);
  if (order.waits) {
    const stop = fixed(order.stopPrice);
    if (order.side === 'SELL' ? quote.last > stop : quote.last < stop) return;
    order.waits = false;
  }
  if (crosses(order, quote))
    trade(order, partOf(order), order.side === 'BUY' ? quote.ask : quote.bid, 'TAKER');
  else if (order.timeInForce === 'GTC' && isNear(order, quote) && random() < 0.02)
    trade(order, partOf(order), fixed(order.price), 'MAKER');
  if (isOpen(order) && order.timeInForce !== 'GTC') end(order, 'CANCELED', 'immediate-or-cancel remainder');
}

setInterval(() => {
  for (const [symbol, price] of prices) {
    prices.set(symbol, price + (BigInt(Math.floor(random() * 5)) - 2n) * fixed('0.01'));
    const { bid, ask, last } = quoteOf(symbol);
    publish({ type: 'QUOTE', at: Date.now(), symbol, bid: plain(bid), ask: plain(ask), last: plain(last) });
  }
  for (const order of orders) if (isOpen(order)) meet(order);
  if (strikes(0.02)) for (const listener of listeners) listener.destroy();
}, TICK_MS);

const refuse = (status, code, message) => [status, { code, message }];

function place(order) {
  if (order.valid_until < Date.now()) return refuse(400, 'EXPIRED', 'valid_until has passed');
  if (prices.get(order.symbol) === undefined) return refuse(400, 'SYMBOL', `${order.symbol} is not listed`);
  if (strikes(0.3)) return refuse(429, 'BUSY', 'try again');
  if (strikes(0.1)) return refuse(400, 'MARGIN', 'margin');
  const { valid_until: _, ...wire } = order;
  const id = `V${serial + 1}`;
  record({ kind: 'ACCEPT', id, order: wire, at: Date.now() });
  return [200, { connectorOrderId: id }];
}

function cancel(clientOrderId) {
  const order = newest(clientOrderId);
  if (order === undefined) return refuse(404, 'UNKNOWN', 'unknown order');
  if (!isOpen(order)) return refuse(409, 'TOO_LATE', 'too late');
  end(order, 'CANCELED', 'asked');
  return [200, {}];
}

function status(clientOrderId) {
  const order = newest(clientOrderId);
  if (order === undefined) return refuse(404, 'UNKNOWN', 'unknown order');
  const { id: connectorOrderId, status: said, filled } = order;
  return [
    200,
    { at: Date.now(), connectorOrderId, status: said, cumQty: plain(filled), avgPx: averageOf(order) },
  ];
}

function account(since) {
  const open = orders.filter(isOpen).map((order) => {
    const { clientOrderId, id: connectorOrderId, symbol, side, quantity, filled } = order;
    return {
      clientOrderId,
      connectorOrderId,
      symbol,
      side,
      quantity,
      cumQty: plain(filled),
      avgPx: averageOf(order),
    };
  });
  const fills = trades.filter(({ at }) => at >= since);
  return [
    200,
    {
      at: Date.now(),
      orders: open,
      fills: fills.map((entry) =>
        eventOf(
          entry,
          orders.find(({ id }) => id === entry.id),
        ),
      ),
    },
  ];
}

function answer(method, url, body) {
  const id = decodeURIComponent(url.pathname.split('/')[2] ?? '');
  if (method === 'GET' && url.pathname === '/instruments') return [200, LISTING];
  if (method === 'GET' && url.pathname === '/account') return account(Number(url.searchParams.get('since')));
  if (method === 'POST' && url.pathname === '/orders') return place(JSON.parse(body));
  if (method === 'DELETE' && id !== '') return cancel(id);
  if (method === 'GET' && id !== '') return status(id);
  return refuse(404, 'PATH', 'no such path');
}

function respond(response, [code, body]) {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://venue');
  if (url.pathname === '/events') {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.flushHeaders();
    listeners.add(response);
    response.on('close', () => listeners.delete(response));
    return;
  }
  let body = '';
  request.on('data', (part) => {
    body += part;
  });
  request.on('end', () => {
    const isSafe = url.pathname === '/instruments';
    if (!isSafe && strikes(0.5)) return request.socket.destroy(); // lost on the way here
    const reply = answer(request.method, url, body);
    if (!isSafe && strikes(0.5)) return request.socket.destroy(); // done, and nobody hears of it
    if (strikes(0.5)) return setTimeout(() => respond(response, reply), LATE_MS);
    return respond(response, reply);
  });
});

server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`),
);
process.on('SIGTERM', () => {
  closeSync(fd);
  process.exit(0);
});
