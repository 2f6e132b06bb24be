/**
 * Streams: what RxJS makes of `runtime.events$` and of a batch's `status$`.
 *
 * Both carry only what is journaled already. One leg is refused here, so there is something to see: the other leg is
 * stopped and sent back.
 */
import { coordinated, type EventOf, type RuntimeEvent, single } from 'fillwright';
import { distinctUntilChanged, filter, groupBy, map, mergeMap, scan } from 'rxjs';
import { openDesk, start } from './simulated-desk.js';

const { runtime, work } = await openDesk();

const isFill = (event: RuntimeEvent): event is EventOf<'FILL'> => event.type === 'FILL';
const isGroupEnd = (event: RuntimeEvent): event is EventOf<'GROUP_SETTLED'> => event.type === 'GROUP_SETTLED';

// Fills and money per symbol, as they come. Sums for the eye only: the ledger's are exact.
runtime.events$
  .pipe(
    filter(isFill),
    groupBy((fill) => fill.symbol),
    mergeMap((fills) =>
      fills.pipe(
        scan(
          ({ count, turnover }, { quantity, price }) => ({
            count: count + 1,
            turnover: turnover + Number(quantity) * Number(price),
          }),
          { count: 0, turnover: 0 },
        ),
        map(({ count, turnover }) => `${fills.key}: fill ${count}, turnover ${turnover.toFixed(2)}`),
      ),
    ),
  )
  .subscribe((line) => console.log(`fills    ${line}`));

// How each group ended, unwinds included.
runtime.events$
  .pipe(filter(isGroupEnd))
  .subscribe(({ groupId, status, reason }) => console.log(`groups   ${groupId} ${status} (${reason})`));

const trade = coordinated(
  {
    btc: single({ symbol: 'BTC/USDT', side: 'BUY', quantity: '0.5' }),
    // A maker order far below the bid: the venue refuses it.
    eth: single({
      symbol: 'ETH/USDT',
      side: 'SELL',
      quantity: '12',
      limitPrice: '2400',
      params: { post_only: true },
    }),
  },
  { at: start, seed: 'streams', timeout: '1m' },
);

const batch = await runtime.submit(trade.directive, trade.commands);
batch.status$.pipe(distinctUntilChanged()).subscribe({
  next: (status) => console.log(`status$  ${status}`),
  complete: () => console.log('status$  completes: the batch is terminal'),
});
batch.events$
  .pipe(filter(({ type }) => type.startsWith('BATCH_')))
  .subscribe(({ type, seq }) => console.log(`events$  #${seq} ${type}`));

await work();
await runtime.close();
