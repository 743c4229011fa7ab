import { Router } from 'express';
import { may } from '../../api/abilities.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf } from '../../api/language.ts';
import { hotDays } from '../../api/reports.ts';
import { listAgencies } from '../../records/city.ts';
import { hotSpots } from '../../records/public-reports.ts';
import { serviceNames } from '../../records/services.ts';
import { sendPage } from '../page.ts';

/** Where most was reported in the last days: what to mend for good. */
export function hotSpotPage({ db, clock }: Pick<Deps, 'db' | 'clock'>): Router {
  const router = Router();

  router.get('/hot-spots', may('read', 'inbox'), async (req, res) => {
    const language = languageOf(req);
    const since = new Date(clock.now().getTime() - hotDays * 24 * 3_600_000);
    const [spots, names, agencies] = await Promise.all([
      hotSpots(db, { since, limit: 50 }),
      serviceNames(db),
      listAgencies(db),
    ]);
    sendPage(req, res, 'officer/hot-spots', {
      title: { vi: 'Điểm nóng', en: 'Hot spots' },
      wide: true,
      days: hotDays,
      spots: spots.map(({ lat, lng, count, open, services, wards }) => ({
        place: `${lat.toFixed(5)}, ${lng.toFixed(5)}`,
        count,
        open,
        services: services
          .map((each) => `${names.get(each.service)?.[language] ?? each.service} (${each.count})`)
          .join(', '),
        wards: wards
          .map((code) => agencies.find((each) => each.code === code)?.name[language] ?? code)
          .join(', '),
      })),
      none: spots.length === 0,
      back: '/inbox',
    });
  });

  return router;
}
