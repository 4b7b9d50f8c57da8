import { chromium } from 'playwright-core';
import { mkdirSync } from 'node:fs';
const out = '/tmp/shots-work'; mkdirSync(out, {recursive:true});
const url = 'http://127.0.0.1:8102';
const b = await chromium.launch({executablePath:'/usr/bin/chromium', args:['--no-sandbox','--disable-gpu']});
async function as(email) { const c = await b.newContext({baseURL:url}); const p = await c.newPage(); await p.goto('/login'); await p.getByLabel('Email').fill(email); await p.getByLabel('Password',{exact:true}).fill('tessera-demo'); await p.getByRole('button',{name:'Sign in',exact:true}).click(); await p.waitForURL('**/dashboard'); const s = await c.storageState(); await c.close(); return s; }
const jobs = JSON.parse(process.argv[2]);
const sessions = {};
for (const [who, path, name, sizes='d,p', themes='light'] of jobs) {
  sessions[who] ??= await as(who);
  for (const size of sizes.split(',')) for (const theme of themes.split(',')) {
    const c = await b.newContext({baseURL:url, storageState:sessions[who], colorScheme:theme, viewport: size==='d'?{width:1440,height:900}:{width:360,height:740}, isMobile:size==='p', hasTouch:size==='p'});
    const p = await c.newPage(); 
    let target = path;
    if (path.includes('@')) { const [list, sel] = path.split('@'); await p.goto(list); target = await p.locator(sel.split('+')[0]).first().getAttribute('href') + (sel.split('+')[1] ?? ''); }
    await p.goto(target); await p.waitForSelector('html[data-ready]', {state:'attached'});
    await p.screenshot({path:`${out}/${name}-${size}-${theme}.png`, fullPage:true}); await c.close();
  }
}
await b.close();
