(()=>{var e=document.documentElement;if(!e.dataset.theme){let t=document.cookie.match(/(?:^|; )theme=(light|dark|system)/);t&&(e.dataset.theme=t[1])}})();
