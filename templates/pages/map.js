/** Lets a place be chosen on a map; the two numbers beside it are what is sent. Without tiles it is a plain grid. */
import 'leaflet';

const { L } = window;
const colour = '#a4161a';
const { tiles, credit } = document.getElementById('map-settings').dataset;
/** Vũng Tàu, until a place is chosen. */
const centre = [10.346, 107.084];

for (const place of document.querySelectorAll('[data-point]')) {
  const lat = document.getElementById(`${place.dataset.point}-lat`);
  const lng = document.getElementById(`${place.dataset.point}-lng`);
  place.hidden = false;
  place.style.height = '20rem';
  const read = () => [lat, lng].map((input) => Number(input.value.replace(',', '.')));
  const given = lat.value && lng.value ? read() : undefined;
  const map = L.map(place, { attributionControl: true }).setView(given ?? centre, given ? 17 : 13);
  map.attributionControl.setPrefix('');
  if (tiles) L.tileLayer(tiles, { maxZoom: 19, attribution: credit }).addTo(map);
  const marker = L.circleMarker(given ?? centre, { radius: 9, color: colour, fillOpacity: 0.6 });
  if (given) marker.addTo(map);
  const put = ({ lat: north, lng: east }) => {
    marker.setLatLng([north, east]).addTo(map);
    lat.value = north.toFixed(6);
    lng.value = east.toFixed(6);
  };
  map.on('click', ({ latlng }) => put(latlng));
  for (const input of [lat, lng])
    input.addEventListener('change', () => {
      const [north, east] = read();
      if (Number.isFinite(north) && Number.isFinite(east) && lat.value && lng.value) {
        marker.setLatLng([north, east]).addTo(map);
        map.panTo([north, east]);
      }
    });
}
