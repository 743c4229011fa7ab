import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Router } from 'express';
import { everybody } from '../api/abilities.ts';
import { govuk, moj } from './gds.ts';

interface Asset {
  type: string;
  bytes: Buffer;
  /** Absent where the bytes are compressed as they are. */
  gzip?: Buffer;
}

const here = new URL('../templates/pages/', import.meta.url);
const resolve = createRequire(import.meta.url).resolve;
const own = (name: string) => readFileSync(new URL(name, here), 'utf8');

/** The faces of Be Vietnam Pro: the browser fetches those whose letters a page has. */
const subsets = {
  vietnamese:
    'U+0102-0103,U+0110-0111,U+0128-0129,U+0168-0169,U+01A0-01A1,U+01AF-01B0,U+0300-0301,U+0303-0304,U+0308-0309,U+0323,U+0329,U+1EA0-1EF9,U+20AB',
  latin:
    'U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,U+2190-2193,U+2212,U+FEFF,U+FFFD',
};

const assets = new Map<string, Asset>();
const addresses = new Map<string, string>();

/** Address of an asset; it changes with the content, so that a browser may keep it for good. */
export function assetAddress(name: string): string {
  const address = addresses.get(name);
  if (!address) throw new Error(`There is no asset ${name}`);
  return address;
}

function add(name: string, type: string, content: string | Buffer): string {
  const bytes = Buffer.from(content);
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const address = `/assets/${hash}/${name}`;
  assets.set(address, { type, bytes, ...(typeof content === 'string' ? { gzip: gzipSync(bytes) } : {}) });
  addresses.set(name, address);
  return address;
}

const faces = Object.entries(subsets).flatMap(([subset, range]) =>
  [400, 700].map((weight) => {
    const name = `be-vietnam-pro-${subset}-${weight}-normal.woff2`;
    const address = add(
      name,
      'font/woff2',
      readFileSync(resolve(`@fontsource/be-vietnam-pro/files/${name}`)),
    );
    return `@font-face{font-family:"Be Vietnam Pro";font-weight:${weight};font-display:swap;src:url(${address}) format("woff2");unicode-range:${range}}`;
  }),
);

/** In our own dress: the typeface of GOV.UK is its own, and its crest too. */
const dressed = (css: string) =>
  css
    .replaceAll(/@font-face\{[^}]*GDS Transport[^}]*\}/g, '')
    .replaceAll('GDS Transport', '"Be Vietnam Pro"')
    .replaceAll(/url\(\/assets\/images\/govuk-crest\.svg\)/g, 'none')
    .replaceAll(/url\(\/assets\/images\/([\w-]+\.svg)\)/g, (_, icon: string) => {
      const address = add(icon, 'image/svg+xml', readFileSync(join(moj, 'assets', 'images', icon), 'utf8'));
      return `url(${address})`;
    });

const css = (path: string) => dressed(readFileSync(path, 'utf8').replace(/\/\*# sourceMappingURL.*\*\//, ''));
const js = (path: string) => readFileSync(path, 'utf8').replace(/^\/\/# sourceMappingURL.*$/m, '');
const icon = add('icon.svg', 'image/svg+xml', own('icon.svg'));
addresses.set('icon', icon);
add(
  'motcua.css',
  'text/css',
  [...faces, css(join(govuk, 'govuk-frontend.min.css')), own('motcua.css')].join('\n'),
);
add('officer.css', 'text/css', css(join(moj, 'moj-frontend.min.css')));
const components = add('govuk-frontend.js', 'text/javascript', js(join(govuk, 'govuk-frontend.min.js')));
add('motcua.js', 'text/javascript', own('motcua.js').replace("'govuk-frontend'", `'${components}'`));
const tus = add('tus.js', 'text/javascript', js(resolve('tus-js-client/dist/tus.min.js')));
add('uploads.js', 'text/javascript', own('uploads.js').replace("'tus'", `'${tus}'`));
add('live.js', 'text/javascript', own('live.js'));
add('push.js', 'text/javascript', own('push.js'));
const leaflet = dirname(resolve('leaflet/dist/leaflet.js'));
const leafletScript = add('leaflet.js', 'text/javascript', js(join(leaflet, 'leaflet.js')));
add('map.css', 'text/css', leafletStyle(readFileSync(join(leaflet, 'leaflet.css'), 'utf8')));
add('map.js', 'text/javascript', own('map.js').replace("'leaflet'", `'${leafletScript}'`));
add('reports-map.js', 'text/javascript', own('reports-map.js').replace("'leaflet'", `'${leafletScript}'`));
add('blur.js', 'text/javascript', own('blur.js'));
add('field.js', 'text/javascript', own('field.js'));

/** The pictures of the map's controls come from here too. */
function leafletStyle(css: string): string {
  return css.replaceAll(/url\(images\/([\w-]+\.png)\)/g, (_, name: string) => {
    return `url(${add(name, 'image/png', readFileSync(join(leaflet, 'images', name)))})`;
  });
}

/** Style sheets, scripts and typefaces of the pages, compressed once at the start. */
export function serveAssets(): Router {
  const router = Router();
  router.get('/assets/:hash/:name', everybody, (req, res, next) => {
    const asset = assets.get(req.path);
    if (!asset) {
      next();
      return;
    }
    res.set({ 'Cache-Control': 'public, max-age=31536000, immutable', Vary: 'Accept-Encoding' });
    res.type(asset.type);
    if (asset.gzip && req.acceptsEncodings('gzip')) res.set('Content-Encoding', 'gzip').send(asset.gzip);
    else res.send(asset.bytes);
  });
  return router;
}
