// What Airflow's page lends to its plugins: React, its router, and its own components.
const { React = {}, ReactRouterDOM = {}, ChakraUI } = globalThis;

export const h = React.createElement;
export const { Fragment, useCallback, useEffect, useId, useMemo, useRef, useState } = React;
export const { Link: RouterLink, useLocation, useNavigate, useSearchParams } = ReactRouterDOM;
export const ui = ChakraUI;
