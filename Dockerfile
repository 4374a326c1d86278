# Build: compile TypeScript. Run: production packages, the build, a user without rights, one volume for the database.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY migrations migrations
RUN npm run build

FROM node:24-bookworm-slim
ENV NODE_ENV=production DELTARULE_HOST=0.0.0.0 DELTARULE_PORT=8080 DELTARULE_DATABASE=/data/deltarule.db
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev && rm -rf node_modules/node-linux-* && mkdir /data && chown node:node /data
COPY bin bin
COPY examples examples
COPY --from=build /app/dist dist
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/livez').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
CMD ["node", "bin/deltarule.js", "serve"]
