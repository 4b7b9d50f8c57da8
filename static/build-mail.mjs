// HTML mail: writes the rules of mail/mail.css into the elements of mail/*.mustache, because mail programs read no style
// sheets and Outlook only styles in elements. What stands in @media goes into the head as it is. The portal's own pages
// must have neither (the content security policy forbids it), which is why these templates are not under templates/.
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

const COMMENT = /\/\*[^]*?\*\//g;
const SELECTOR = /^(?:[a-z][a-z0-9]*)?(?:\.[a-z][a-z0-9-]*)?$/;

/** "a: b; c: d" as [[name, value]]. */
function declarations(text) {
  return text.split(';').map((part) => part.trim()).filter(Boolean).map((part) => {
    const at = part.indexOf(':');
    if (at < 1) throw new Error(`mail.css: "${part}" is no declaration`);
    return [part.slice(0, at).trim(), part.slice(at + 1).trim().replace(/\s+/g, ' ')];
  });
}

/** The style sheet as {rules: [{tag, name, style}], media: text, named: classes that @media names}. */
export function parseCss(css) {
  const rules = [];
  const media = [];
  let rest = css.replace(COMMENT, '').trim();
  while (rest) {
    const open = rest.indexOf('{');
    if (open < 0) throw new Error(`mail.css: "${rest.slice(0, 40)}" has no block`);
    const head = rest.slice(0, open).trim();
    let depth = 1;
    let end = open + 1;
    for (; depth > 0 && end < rest.length; end++) depth += { '{': 1, '}': -1 }[rest[end]] ?? 0;
    if (depth) throw new Error(`mail.css: the block of "${head}" does not end`);
    const body = rest.slice(open + 1, end - 1);
    rest = rest.slice(end).trim();
    if (head.startsWith('@media')) {
      media.push(`${head} {${body.replace(/\s+/g, ' ')}}`);
      continue;
    }
    for (const selector of head.split(',').map((one) => one.trim())) {
      if (!selector || !SELECTOR.test(selector)) throw new Error(`mail.css: "${selector}" is more than one element or class`);
      const [tag, name = ''] = selector.split('.');
      rules.push({ tag, name, style: declarations(body) });
    }
  }
  const named = new Set([...media.join('\n').matchAll(/\.([a-z][a-z0-9-]*)(?=[^{}]*\{)/g)].map(([, name]) => name));
  return { rules, media: media.join('\n'), named };
}

// An opening tag; its attributes' values may hold mustache tags, but no ">".
const TAG = /<([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*(\/?)>/g;

/** A template with the rules in its elements. */
export function inline(template, { rules, media, named }, name) {
  const used = new Set();
  const out = template.replace(TAG, (whole, tag, attributes, slash) => {
    const classes = (/\sclass="([^"]*)"/.exec(attributes)?.[1] ?? '').split(/\s+/).filter(Boolean);
    if (/\sstyle="/.test(attributes)) throw new Error(`${name}: <${tag}> has a style of its own; write it in mail.css`);
    const style = new Map();
    for (const rule of rules) {
      if ((rule.tag && rule.tag !== tag) || (rule.name && !classes.includes(rule.name))) continue;
      if (rule.name) used.add(rule.name);
      for (const [property, value] of rule.style) style.set(property, value);
    }
    for (const one of classes) if (!used.has(one)) throw new Error(`${name}: mail.css has no .${one}`);
    const kept = classes.filter((one) => named.has(one));
    let rest = attributes.replace(/\sclass="[^"]*"/, '');
    if (kept.length) rest += ` class="${kept.join(' ')}"`;
    const text = [...style].map(([property, value]) => `${property}:${value.replaceAll('"', "'")}`).join(';');
    if (text) rest += ` style="${text}"`;
    return `<${tag}${rest}${slash}>`;
  });
  return out.replace('</head>', () => `<style>\n${media}\n</style>\n</head>`);
}

/** [{name, text}] of the templates in a folder. */
export async function mailTemplates(folder) {
  const css = parseCss(await readFile(path.join(folder, 'mail.css'), 'utf8'));
  const files = (await readdir(folder)).filter((file) => file.endsWith('.mustache')).sort();
  return Promise.all(files.map(async (file) => ({
    name: file, text: inline(await readFile(path.join(folder, file), 'utf8'), css, file),
  })));
}
