"""How gunicorn serves the pages. Two threads wait for the database while one renders."""

from clinic_crm import env

bind = env.listing("BIND", ["127.0.0.1:8000"])
workers = env.integer("WEB_WORKERS", 2, least=1)
threads = env.integer("WEB_THREADS", 4, least=1)
preload_app = True
max_requests = 10_000
max_requests_jitter = 1_000
timeout = 60
graceful_timeout = 20
control_socket_disable = True
errorlog = "-"
accesslog = None  # addresses carry what people searched for and the secrets of patients' links
