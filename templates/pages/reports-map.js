/** Shows reports on a map; the server puts those together that lie close to each other, however many there are. */
import 'leaflet';

const { L } = window;
const place = document.getElementById('reports-map');
place.closest('[data-needs-script]').hidden = false;
const { tiles, credit, query, areas, many, one } = place.dataset;
const map = L.map(place, { attributionControl: true }).setView([10.346, 107.084], 13);
map.attributionControl.setPrefix('');
if (tiles) L.tileLayer(tiles, { maxZoom: 19, attribution: credit }).addTo(map);
for (const { name, ring } of JSON.parse(areas))
  L.polygon(ring, { color: '#57606a', weight: 1, fill: false, interactive: false })
    .addTo(map)
    .bindTooltip(name, { permanent: true, direction: 'center', className: 'motcua-area' });
const shown = L.layerGroup().addTo(map);
const colours = { new: '#9a6700', 'in-process': '#a4161a', answered: '#1a7f37', ended: '#57606a' };
let latest = 0;

function markerOf({ count, lat, lng, code, stage }) {
  const size = count === 1 ? 22 : Math.min(56, 26 + 8 * Math.log10(count));
  const icon = L.divIcon({
    className: count === 1 ? 'motcua-pin' : 'motcua-cluster',
    html: count === 1 ? '' : String(count),
    iconSize: [size, size],
  });
  const words = count === 1 ? `${one} ${code}` : `${count} ${many}`;
  const marker = L.marker([lat, lng], { icon, keyboard: true, title: words, alt: words });
  marker.on('add', () => {
    const element = marker.getElement();
    element.setAttribute('role', 'button');
    element.setAttribute('aria-label', words);
    if (count === 1) element.style.background = colours[stage];
  });
  const open = () => {
    if (count === 1) location.assign(`/reports/${code}`);
    else map.setView([lat, lng], Math.min(18, map.getZoom() + 2));
  };
  return marker
    .on('click', open)
    .on('keypress', ({ originalEvent }) => originalEvent.key === 'Enter' && open());
}

async function draw() {
  const mine = ++latest;
  const bounds = map.getBounds();
  const asked = new URLSearchParams(query);
  asked.delete('cursor');
  for (const side of ['South', 'West', 'North', 'East'])
    asked.set(side.toLowerCase(), bounds[`get${side}`]().toFixed(6));
  asked.set('zoom', String(map.getZoom()));
  const answer = await fetch(`/api/v1/reports/clusters?${asked}`);
  // Whoever has moved on meanwhile is not shown what is no longer asked for.
  if (!answer.ok || mine !== latest) return;
  const { items } = await answer.json();
  shown.clearLayers();
  for (const each of items) shown.addLayer(markerOf(each));
}

map.on('moveend', () => void draw());
void draw();
