# The production image: web, worker, sender and beat run from it, each with its own command.

FROM python:3.13-slim AS packages
RUN pip install --no-cache-dir uv==0.13.8
COPY requirements.txt ./
RUN uv venv /opt/venv \
    && uv pip install --python /opt/venv/bin/python --no-cache --compile-bytecode \
       --require-hashes --requirement requirements.txt

FROM node:24-slim AS browser
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

# Compiled catalogues and collected static files. Collecting needs settings but no secret: the
# values here stay in this stage.
FROM packages AS built
WORKDIR /app
COPY . .
COPY --from=browser /build/node_modules node_modules
RUN /opt/venv/bin/python -m clinic_crm.catalogues \
    && env DJANGO_ENV=production SECRET_KEY=none DATABASE_URL=postgresql://none/none \
       REDIS_URL=redis://none ALLOWED_HOSTS=none PUBLIC_URL=https://none \
       DEFAULT_FROM_EMAIL=none@example.com SMS_GATEWAY_URL=https://none \
       SMS_GATEWAY_LOGIN=none SMS_GATEWAY_PASSWORD=none \
       /opt/venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf node_modules

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home crm \
    && install --directory --owner crm /var/lib/crm
COPY --from=packages /opt/venv /opt/venv
COPY --from=built /app /app
WORKDIR /app
USER crm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_ENV=production \
    DJANGO_SETTINGS_MODULE=clinic_crm.settings \
    BIND=0.0.0.0:8000 \
    MEDIA_ROOT=/var/lib/crm
VOLUME /var/lib/crm
EXPOSE 8000
CMD ["gunicorn", "--config", "python:clinic_crm.gunicorn", "clinic_crm.wsgi"]
