// The position of a lieu on a small map: `<div data-position data-fond="/assets/fond/">` around two fields named
// `latitude` and `longitude`. A click, or the marker that is dragged, writes the fields; the fields move the marker. The
// map comes when it is asked for. Without it, and for the keyboard, the fields are all there is.

import { createMap, element } from './fond.mjs';

const number = (field) => Number(field.value.trim().replace(',', '.') || NaN);

function near(box) {
  const [latitude, longitude] = ['latitude', 'longitude'].map((name) => box.querySelector(`[name="${name}"]`));
  const read = () => [number(longitude), number(latitude)];
  const known = () => read().every(Number.isFinite);
  const open = element('button', { type: 'button', className: 'fr-btn fr-btn--sm fr-btn--secondary fr-icon-map-pin-2-line fr-btn--icon-left', textContent: 'Placer le lieu sur une carte' });
  const said = element('p', { className: 'm-message' });
  said.setAttribute('role', 'status');
  box.append(open, said);
  open.addEventListener('click', async () => {
    const frame = element('div', { className: 'm-carte m-carte--petite m-carte--active' });
    for (const name of ['fond', 'style']) if (box.dataset[name]) frame.dataset[name] = box.dataset[name];
    open.replaceWith(frame);
    try {
      const { library, map } = await createMap(frame, 'Carte : cliquez où se trouve le lieu');
      map.named();
      const marker = new library.Marker({ draggable: true, color: '#b34000' });
      const show = () => marker.setLngLat(read()).addTo(map);
      const write = ({ lng, lat }) => {
        [longitude.value, latitude.value] = [lng.toFixed(5), lat.toFixed(5)];
        show();
        said.textContent = `Position : ${latitude.value}, ${longitude.value}.`;
      };
      if (known()) {
        map.jumpTo({ center: read(), zoom: Math.min(13, map.getMaxZoom()) });
        show();
      }
      map.on('click', ({ lngLat }) => write(lngLat));
      marker.on('dragend', () => write(marker.getLngLat()));
      for (const field of [latitude, longitude]) {
        field.addEventListener('change', () => {
          if (!known()) return;
          show();
          map.jumpTo({ center: read() });
        });
      }
      said.textContent = 'Cliquez à l’endroit du lieu, ou déplacez le repère.';
      frame.dataset.pret = 'oui';
    } catch (error) {
      console.warn(`Carte : ${error.message}`);
      frame.remove();
      said.textContent = 'La carte ne peut pas s’afficher : écrivez la latitude et la longitude.';
    }
  });
}

export function start(root) {
  for (const box of root.querySelectorAll('[data-position]')) near(box);
}
