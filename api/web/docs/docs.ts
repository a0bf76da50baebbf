/** The page of the HTTP interface: Swagger UI, shipped with the page, reading the document of this server. */
import "swagger-ui-dist/swagger-ui.css";

import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";

SwaggerUI({ url: "/openapi.json", dom_id: "#docs", validatorUrl: null, deepLinking: true, persistAuthorization: false });
