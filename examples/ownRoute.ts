import { registerRoute, routeApp } from 'siglip2/server';

/** `GET /api/alike?a=a cat&b=un chat`: how alike two texts are, from -1 to 1. */
export const alike = registerRoute({
  name: 'alike',
  app({ encoder }) {
    const app = routeApp();
    app.get('/api/alike', async (context) => {
      const { a, b } = context.req.query();
      if (a === undefined || b === undefined) return context.json({ error: 'a and b are needed' }, 400);
      const { data } = await encoder.embedTexts([a, b]);
      const first = data.subarray(0, encoder.width);
      return context.json({ cosine: first.reduce((sum, x, i) => sum + x * data[encoder.width + i]!, 0) });
    });
    return app;
  },
});
