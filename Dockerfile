# The official image with exactly the packages of requirements.lock; docker-compose.yaml uses both of its last stages.
FROM apache/airflow:3.3.2-python3.11 AS packages
COPY requirements.lock /requirements.lock
RUN uv pip install --no-cache --require-hashes --requirement /requirements.lock
COPY --chown=airflow:0 dags /opt/airflow/dags
COPY --chown=airflow:0 plugins /opt/airflow/plugins
COPY --chown=airflow:0 include /opt/airflow/include
RUN python -m compileall -q /opt/airflow/dags /opt/airflow/plugins /opt/airflow/include
# These folders have to be on the path when Python starts, or Airflow's core does not see the connection types.
ENV PYTHONPATH=/opt/airflow/include:/opt/airflow/plugins

# The four APIs played on localhost. What they need beyond the core comes with Airflow.
FROM packages AS sandbox
COPY --chown=airflow:0 sandbox /opt/airflow/sandbox
ENV PYTHONPATH=/opt/airflow:/opt/airflow/include

# The last stage is what `docker build .` makes.
FROM packages AS production
