import { Router } from 'express';
import { z } from 'zod';
import { everybody } from '../../api/abilities.ts';
import { checkAddress } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf } from '../../api/language.ts';
import { limited } from '../../api/limits.ts';
import { sayStage } from '../../api/report-words.ts';
import { Filter, filterOf } from '../../api/reports.ts';
import { listAreas } from '../../records/areas.ts';
import { listAgencies } from '../../records/city.ts';
import { listReports, stages } from '../../records/public-reports.ts';
import { listServices, serviceNames } from '../../records/services.ts';
import { assetAddress } from '../assets.ts';
import { sendPage } from '../page.ts';
import { tellReport } from './words.ts';

const given = (schema: z.ZodType) => z.preprocess((text) => (text === '' ? undefined : text), schema);
const Query = z.object({
  ...Object.fromEntries(
    Object.entries(Filter.shape).map(([name, schema]) => [name, given(schema.catch(undefined))]),
  ),
  cursor: given(z.string().max(200).optional()),
}) as unknown as z.ZodType<z.infer<typeof Filter> & { cursor?: string | undefined }>;

const perPage = 50;

/** What was reported, as a list and on a map; its address is the list. */
export function reportList(deps: Deps): Router {
  const { db, config } = deps;
  const router = Router();

  router.get('/reports', everybody, limited(deps, 'reports-page'), async (req, res) => {
    const language = languageOf(req);
    const { cursor, ...filter } = checkAddress(req, Query, req.query);
    const [{ items, next }, agencies, services, names, areas] = await Promise.all([
      listReports(db, { ...filterOf(filter), limit: perPage, cursor }),
      listAgencies(db),
      listServices(db),
      serviceNames(db),
      listAreas(db),
    ]);
    const wards = agencies.filter(({ code }) => areas.some(({ agency }) => agency === code));
    sendPage(req, res, 'reports/list', {
      title: { vi: 'Phản ánh hiện trường', en: 'Street reports' },
      wide: true,
      items: items.map((report) => tellReport(report, { services: names, agencies }, language)),
      none: items.length === 0,
      services: services
        .filter(({ published }) => published)
        .map(({ code, name }) => ({ code, name: name[language], chosen: code === filter.service })),
      wards: wards.map(({ code, name }) => ({ code, name: name[language], chosen: code === filter.ward })),
      stages: stages.map((code) => ({ code, name: sayStage(code)[language], chosen: code === filter.stage })),
      from: filter.from ?? '',
      to: filter.to ?? '',
      next: next ? `/reports?${queryOf(filter, next)}` : '',
      first: cursor ? `/reports?${queryOf(filter)}` : '',
      mine: req.session?.stranger !== undefined || req.actor !== undefined,
      map: {
        tiles: config.MAP_TILES ?? '',
        credit: config.MAP_CREDIT ?? '',
        query: queryOf(filter),
        areas: JSON.stringify(areas.map(({ name, ring }) => ({ name: name[language], ring }))),
      },
      scripts: [assetAddress('reports-map.js')],
      styles: [assetAddress('map.css')],
    });
  });

  return router;
}

function queryOf(filter: z.infer<typeof Filter>, cursor?: string): string {
  const named = Object.entries({ ...filter, cursor }).flatMap(([name, value]) =>
    value ? [[name, value]] : [],
  );
  return new URLSearchParams(named as [string, string][]).toString();
}
