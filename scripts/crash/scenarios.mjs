/** Scenarios for the crash campaign: small batches in every mode, made of a seeded draw. Owns their shape only. */

const SYMBOLS = { 'BTC/USDT': ['60000', 0.4], 'ETH/USDT': ['2500', 3], 'SOL/USDT': ['150', 20] };
const NAMES = Object.keys(SYMBOLS);

const hex = (n) => n.toString(16).padStart(8, '0');

function paramsFor(draw, symbol, side, quantity) {
  const [price] = SYMBOLS[symbol];
  const resting = (Number(price) * (side === 'BUY' ? 0.9999 : 1.0001)).toFixed(2);
  const kinds = [
    { strategy: 'TWAP', duration_seconds: 2, slices: 8, on_reject: 'RETRY' },
    { strategy: 'TWAP', duration_seconds: 1, slices: 5, on_deadline: 'SWEEP', on_reject: 'SKIP' },
    { strategy: 'SINGLE' },
    {
      strategy: 'ICEBERG',
      limit_price: resting,
      order_type: 'LIMIT',
      visible_ratio: '0.25',
      duration_seconds: 2,
    },
    {
      strategy: 'LAYERED',
      levels: 4,
      spacing_ticks: 2,
      order_type: 'LIMIT',
      limit_price: resting,
      duration_seconds: 2,
    },
    {
      strategy: 'DCA',
      frequency: { period_seconds: 1 },
      occurrences: 3,
      amount: { quantity: (Number(quantity) / 3).toFixed(3), unit: 'BASE' },
    },
  ];
  return kinds[Math.floor(draw() * kinds.length)];
}

function command(draw, stamp, n, symbol, side) {
  const quantity = (SYMBOLS[symbol][1] * (0.5 + draw())).toFixed(2);
  const params = paramsFor(draw, symbol, side, quantity);
  const id = `${stamp}_${hex(n)}`;
  const isLimit = params.order_type === 'LIMIT';
  const exit = draw() < 0.2 ? SYMBOLS[symbol][0] : null;
  const away = (ticks) => (Number(exit) + ticks / 100).toFixed(2);
  return {
    command_id: `EXE_${id}`,
    causality: { origin: { id: `tick-${n}`, type: 'TICK' } },
    scope: 'NEW_TRADE',
    plan_id: `TPL_${id}`,
    entry_plan: {
      ...{ plan_id: `ENT_${id}`, symbol, direction: side, order_type: isLimit ? 'LIMIT' : 'MARKET' },
      ...(isLimit ? { limit_price: params.limit_price } : {}),
    },
    size_plan: { plan_id: `SIZ_${id}`, position_size: quantity },
    // Tight enough that a walk of a few seconds leaves the band on one side: the protection ends by itself.
    ...(exit === null
      ? {}
      : {
          exit_plan: {
            plan_id: `EXT_${id}`,
            stop_loss_price: away(side === 'BUY' ? -5 : 5),
            take_profit_price: away(side === 'BUY' ? 5 : -5),
          },
        }),
    routing_plan: {
      ...{
        plan_id: `ROU_${id}`,
        execution_urgency: '0.5',
        visibility_preference: '0.5',
        max_slippage_pct: '0.01',
      },
      strategy_params: params,
    },
  };
}

const MODES = ['INDEPENDENT', 'COORDINATED', 'SEQUENTIAL'];

/** A scenario of three batches; `first` numbers its ids, so that no two scenarios of a campaign share one. */
export function scenarioOf(draw, url, first) {
  const stamp = '20250106_090000';
  let n = first;
  const directives = MODES.map((mode) => {
    const start = Math.floor(draw() * NAMES.length);
    const legs = [0, 1].map((leg) => NAMES[(start + leg) % NAMES.length]);
    const commands = legs.map((symbol, leg) => {
      n += 1;
      return command(draw, stamp, n, symbol, (leg === 0) === draw() < 0.5 ? 'BUY' : 'SELL');
    });
    n += 1;
    return {
      directive: {
        directive_id: `STR_${stamp}_${hex(n)}`,
        strategy_planner_id: 'crash-campaign',
        causality: { origin: { id: `tick-${n}`, type: 'TICK' } },
        scope: 'NEW_TRADE',
        confidence: '1',
        execution_policy: { mode, timeout_seconds: 6 },
      },
      commands,
    };
  });
  return {
    scenario: { environment: 'paper', market: { source: 'venue', url, symbols: NAMES }, directives },
    next: n + 1,
  };
}
