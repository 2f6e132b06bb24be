/**
 * HTML and SVG as text that cannot be broken out of: whatever is a plain string is escaped, in attributes too.
 *
 * Owns escaping. Only what this file made counts as markup; there is no way to mark a string as safe.
 */

const IS_MARKUP = Symbol('markup');

export interface Markup {
  readonly [IS_MARKUP]: true;
  readonly html: string;
}

/** A string is text; null and false are nothing. */
export type Child = string | Markup | null | false;
export type Attributes = Readonly<Record<string, string | number | undefined>>;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What neither HTML nor XML can carry (control characters) becomes U+FFFD. */
export const escapeText = (text: string): string =>
  text.replace(/[^\P{Cc}\t\n\r]/gu, '\ufffd').replace(/[&<>"']/g, (c) => ESCAPES[c] ?? c);

const markup = (html: string): Markup => ({ [IS_MARKUP]: true, html });

function rendered(child: Child): string {
  if (child === null || child === false) return '';
  return typeof child === 'string' ? escapeText(child) : child.html;
}

/** One after the other. */
export const join = (children: readonly Child[]): Markup => markup(children.map(rendered).join(''));

/** Coordinates with at most two decimals: shorter, and the same on every machine. */
const value = (raw: string | number): string =>
  typeof raw === 'number' ? String(Math.round(raw * 100) / 100) : escapeText(raw);

const VOID = new Set(['meta', 'br']);

/** An element; `undefined` attributes are left out. */
export function el(name: string, attributes: Attributes, ...children: Child[]): Markup {
  const own = Object.entries(attributes)
    .map(([key, raw]) => (raw === undefined ? '' : ` ${key}="${value(raw)}"`))
    .join('');
  return markup(VOID.has(name) ? `<${name}${own}>` : `<${name}${own}>${join(children).html}</${name}>`);
}

/** A style element: its text is not escaped by HTML's rules, so it may hold nothing that could end it. */
export function styleSheet(css: string): Markup {
  if (css.includes('<')) throw new Error('Invariant: a style sheet holds no markup');
  return markup(`<style>${css}</style>`);
}
