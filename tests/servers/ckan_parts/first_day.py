"""Run by CKAN's own Python: makes the tables and an administrator, and prints her token."""

import sys

from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.plugins.toolkit import get_action

site = make_app(load_config(sys.argv[1]))
with site._wsgi_app.app_context():
    model.repo.init_db()
    person = {"name": "admin", "email": "admin@example.org", "password": "password123"}
    get_action("user_create")({"ignore_auth": True}, person)
    model.User.by_name("admin").sysadmin = True
    model.repo.commit()
    print(get_action("api_token_create")({"ignore_auth": True}, {"user": "admin", "name": "tests"})["token"])
