"""The catalogue: a page for every query, table and area, made from the files and the live schema."""

from flask import Blueprint

blueprint = Blueprint(
    "catalogue",
    __name__,
    url_prefix="/catalogue",
    template_folder="templates",
    static_folder="static",
)

from service.catalogue import access, pages
