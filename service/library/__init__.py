"""The library: resources of users and teams, their versions and translations, and runs of them."""

from flask import Blueprint

blueprint = Blueprint("library", __name__)

from service.library import bookmarks, bulk, imports, resources, run_work, runs, versions
