// Which pages there are: the table of routes in the source, and what people find by following links.
import { readFile } from 'node:fs/promises';

const routes = new URL('../../../src/app/routes.c', import.meta.url);
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const ENTITIES = { amp: '&', quot: '"', lt: '<', gt: '>', '#39': "'", '#x27': "'", '#x2F': '/', '#x3D': '=' };

/** Patterns of the pages that show a template: "/leads/{}" for "/leads/{id}". */
export async function pagesOfSource() {
  const source = await readFile(routes, 'utf8');
  return [...source.matchAll(/^\s*PAGE\("([^"]+)", *[^,]+, *"/gm)].map(([, path]) => path.replace(/\{\w+\}/g, '{}'));
}

/** The pattern that a page's address belongs to. */
export function patternOf(url) {
  return new URL(url).pathname.replace(UUID, '{}').replace(/^\/refer\/\w+/, '/refer/{}');
}

function linksOf(html, base) {
  const found = new Set();
  for (const [, href] of html.matchAll(/<a\s[^>]*?href="([^"]*)"/g)) {
    const plain = href.replace(/&(#?\w+);/g, (whole, name) => ENTITIES[name] ?? whole);
    const url = new URL(plain, base);
    url.hash = '';
    if (url.origin === new URL(base).origin) found.add(url.href);
  }
  return found;
}

/**
 * Follows links from the addresses in `start`, breadth first, with the cookies of `request`. Of each pattern no more
 * than `most` addresses are asked for: a list's rows lead to pages of one kind.
 * Resolves to [{url, from, status, type, pattern}].
 */
export async function crawl(request, start, most = 8) {
  const found = [];
  const perPattern = new Map();
  const seen = new Set(start);
  const queue = start.map((url) => ({ url, from: 'the start' }));
  while (queue.length) {
    const { url, from } = queue.shift();
    const pattern = patternOf(url);
    const count = perPattern.get(pattern) ?? 0;
    if (count >= most) continue;
    perPattern.set(pattern, count + 1);
    const response = await request.get(url, { maxRedirects: 0 });
    const type = response.headers()['content-type'] ?? '';
    found.push({ url, from, pattern, type, status: response.status() });
    if (!type.startsWith('text/html')) continue;
    if (new URL(url).pathname.startsWith('/dev/mail/')) continue; // written to others, whose links are theirs alone
    for (const link of linksOf(await response.text(), url)) {
      if (seen.has(link)) continue;
      seen.add(link);
      queue.push({ url: link, from: url });
    }
  }
  return found;
}
