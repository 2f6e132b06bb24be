/**
 * A journal as a SQLite file: records and events as they are, batches, groups, orders and fills as they ended.
 *
 * Owns the tables; docs/reference/journal.md asks them five questions. Decimals are text, as everywhere: CAST them, or
 * sum them elsewhere, where digits matter. Of a filtered export the folded tables hold what its events name.
 */
import type { Database, Statement } from 'node-sqlite3-wasm';
import type { BatchView, JournalRecord, RuntimeEvent } from '../index.js';
import { usage } from './args.js';

const TABLES: Readonly<Record<string, readonly string[]>> = {
  records: ['n INTEGER PRIMARY KEY', 't INTEGER', 'at TEXT', 'kind TEXT', 'input TEXT'],
  events: [
    ...['seq INTEGER PRIMARY KEY', 'n INTEGER REFERENCES records', 'at TEXT', 'type TEXT', 'cause INTEGER'],
    ...['batch_id TEXT', 'group_id TEXT', 'order_id TEXT', 'payload TEXT'],
  ],
  batches: ['batch_id TEXT PRIMARY KEY', 'mode TEXT', 'status TEXT', 'reason TEXT', 'residuals TEXT'],
  groups: [
    ...['group_id TEXT PRIMARY KEY', 'batch_id TEXT', 'symbol TEXT', 'side TEXT', 'strategy TEXT'],
    ...['status TEXT', 'reason TEXT', 'target_quantity TEXT', 'filled_quantity TEXT', 'avg_price TEXT'],
    ...['arrival_price TEXT', 'slippage_bps TEXT', 'offsets_group_id TEXT'],
  ],
  orders: [
    ...['order_id TEXT PRIMARY KEY', 'group_id TEXT', 'client_order_id TEXT', 'connector_order_id TEXT'],
    ...['symbol TEXT', 'side TEXT', 'order_type TEXT', 'time_in_force TEXT', 'quantity TEXT', 'price TEXT'],
    ...['status TEXT', 'created_at TEXT', 'updated_at TEXT'],
  ],
  fills: [
    ...['fill_id TEXT PRIMARY KEY', 'order_id TEXT', 'connector_fill_id TEXT', 'quantity TEXT', 'price TEXT'],
    ...['liquidity TEXT', 'commission TEXT', 'commission_asset TEXT', 'executed_at TEXT'],
  ],
};

const INDEXES: readonly string[] = [
  'events (cause)',
  'events (batch_id)',
  'events (group_id)',
  'events (order_id)',
  'events (type)',
  'groups (batch_id)',
  'orders (group_id)',
  'fills (order_id)',
];

type Value = string | number | null;

export class SqliteExport {
  records = 0;
  private readonly statements = new Map<string, Statement>();
  /** Ids that exported events name. */
  private readonly named = new Set<string>();

  private constructor(private readonly database: Database) {
    for (const [table, columns] of Object.entries(TABLES)) {
      database.exec(`CREATE TABLE ${table} (${columns.join(', ')})`);
      const marks = columns.map(() => '?').join(', ');
      this.statements.set(table, database.prepare(`INSERT INTO ${table} VALUES (${marks})`));
    }
    database.exec('BEGIN');
  }

  /** @throws USAGE when the package is not installed */
  static async create(file: string): Promise<SqliteExport> {
    const { Database } = await load();
    return new SqliteExport(new Database(file));
  }

  add({ n, t, input, events }: JournalRecord): void {
    this.records += 1;
    this.insert('records', [n, t, iso(t), input.k, JSON.stringify(input)]);
    for (const event of events) this.addEvent(n, event);
  }

  /** The folded tables, of what the exported events name. */
  finish(batches: readonly BatchView[]): void {
    for (const batch of batches) this.addBatch(batch);
    this.database.exec('COMMIT');
    for (const index of INDEXES) this.database.exec(`CREATE INDEX ${index.replace(/\W+/g, '_')} ON ${index}`);
  }

  close(): void {
    for (const statement of this.statements.values()) statement.finalize();
    this.database.close();
  }

  private insert(table: string, values: readonly Value[]): void {
    this.statements.get(table)?.run([...values]);
  }

  private addEvent(n: number, event: RuntimeEvent): void {
    const { seq, type, at, cause, batchId = null, groupId = null, orderId = null, ...payload } = event;
    for (const id of [batchId, groupId, orderId]) if (id !== null) this.named.add(id);
    this.insert('events', [
      ...[seq, n, iso(at), type, cause, batchId, groupId, orderId],
      JSON.stringify(payload),
    ]);
  }

  private addBatch(batch: BatchView): void {
    const { batch_id, mode, status, reason, residuals } = batch;
    if (this.named.has(batch_id))
      this.insert('batches', [batch_id, mode, status, reason, JSON.stringify(residuals)]);
    for (const group of [...batch.groups, ...(batch.protections ?? [])]) this.addGroup(batch_id, group);
  }

  private addGroup(batchId: string, group: BatchView['groups'][number]): void {
    if (this.named.has(group.group_id)) {
      this.insert('groups', [
        ...[group.group_id, batchId, group.symbol, group.side, group.strategy, group.status, group.reason],
        ...[group.target_quantity, group.filled_quantity, group.avg_price, group.arrival_price],
        ...[group.slippage_bps, group.offsets_group_id ?? null],
      ]);
    }
    for (const order of group.orders) if (this.named.has(order.order_id)) this.addOrder(order);
  }

  private addOrder(order: BatchView['groups'][number]['orders'][number]): void {
    this.insert('orders', [
      ...[order.order_id, order.parent_group_id, order.client_order_id, order.connector_order_id],
      ...[order.symbol, order.side, order.order_type, order.time_in_force, order.quantity, order.price],
      ...[order.status, order.created_at, order.updated_at],
    ]);
    for (const fill of order.fills) {
      this.insert('fills', [
        ...[
          fill.fill_id,
          fill.parent_order_id,
          fill.connector_fill_id,
          fill.filled_quantity,
          fill.fill_price,
        ],
        ...[fill.liquidity ?? null, fill.commission ?? null, fill.commission_asset ?? null, fill.executed_at],
      ]);
    }
  }
}

const iso = (at: number): string => new Date(at).toISOString();

interface Sqlite {
  readonly Database: new (file: string) => Database;
}

/** An optional peer: 1.5 MB of SQLite for those who ask for it. */
async function load(): Promise<Sqlite> {
  try {
    // CommonJS, whose names Node does not find: the whole is the default export.
    const { default: sqlite } = (await import('node-sqlite3-wasm')) as unknown as { default: Sqlite };
    return sqlite;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw usage('--format sqlite needs the package node-sqlite3-wasm: npm install node-sqlite3-wasm');
  }
}
